import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Kafka Streams, Processor API: three topics, one processor, its states on the heap and at each commit in Redis. */
public final class Main {
    static final String STORE = "profiles";
    private static final long STEP = Long.parseLong(env("STEP")), EVENTS = Long.parseLong(env("EVENTS"));
    private static long count, due = STEP;

    static String env(String name) {
        return System.getenv(name);
    }

    static final class Profile implements Processor<String, byte[], String, byte[]> {
        private ProcessorContext<String, byte[]> context;
        private RedisStore store;

        @Override
        public void init(ProcessorContext<String, byte[]> context) {
            this.context = context;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            Job.Event event = Job.decode(record.value());
            byte[] change = Job.fold(store.get(event.user), event);
            store.changed(event.user);
            if (change != null) context.forward(record.withKey(event.user).withValue(change));
            tell();
        }
    }

    /** One thread processes all partitions, so that a plain counter will do. */
    private static void tell() {
        if (++count >= due || count == EVENTS) {
            due = (count / STEP + 1) * STEP;
            System.out.println(count);
        }
    }

    public static void main(String[] arguments) {
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, env("GROUP"));
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env("BROKERS"));
        p.put(StreamsConfig.STATE_DIR_CONFIG, "kstreams-state");
        p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, "org.apache.kafka.common.serialization.Serdes$StringSerde");
        p.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, "org.apache.kafka.common.serialization.Serdes$ByteArraySerde");
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");

        Topology t = new Topology();
        t.addSource("events", env("TOPICS").split(","));
        t.addProcessor("profile", Profile::new, "events");
        t.addStateStore(RedisStore.builder(STORE), "profile");
        t.addSink("changes", env("OUT"), "profile");

        KafkaStreams streams = new KafkaStreams(t, p);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.setUncaughtExceptionHandler(e -> {
            System.err.println(e + " " + Arrays.toString(e.getStackTrace()));
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
    }
}
