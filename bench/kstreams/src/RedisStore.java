import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** States on the heap; those that changed go out in one pipeline in flush(), before each commit of offsets. */
final class RedisStore implements StateStore {
    private final String name;
    private final Jedis jedis = new Jedis(URI.create(Main.env("REDIS")));
    private final Map<String, Job.State> cache = new HashMap<>();
    private final Set<String> dirty = new HashSet<>();
    private boolean open;

    RedisStore(String name) {
        this.name = name;
    }

    private static byte[] key(String user) {
        return ("u:" + user).getBytes(StandardCharsets.UTF_8);
    }

    Job.State get(String user) {
        return cache.computeIfAbsent(user, u -> Job.unpack(jedis.get(key(u))));
    }

    void changed(String user) {
        dirty.add(user);
    }

    @Override
    public void flush() {
        if (dirty.isEmpty()) return;
        Pipeline p = jedis.pipelined();
        for (String user : dirty) p.set(key(user), Job.pack(cache.get(user)));
        p.sync();
        dirty.clear();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (k, v) -> { });
        open = true;
    }

    @Override
    public void close() {
        flush();
        jedis.close();
        open = false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    static StoreBuilder<RedisStore> builder(String name) {
        return new StoreBuilder<>() {
            public StoreBuilder<RedisStore> withCachingEnabled() { return this; }
            public StoreBuilder<RedisStore> withCachingDisabled() { return this; }
            public StoreBuilder<RedisStore> withLoggingEnabled(Map<String, String> config) { return this; }
            public StoreBuilder<RedisStore> withLoggingDisabled() { return this; }
            public RedisStore build() { return new RedisStore(name); }
            public Map<String, String> logConfig() { return Map.of(); }
            public boolean loggingEnabled() { return false; }
            public String name() { return name; }
        };
    }
}
