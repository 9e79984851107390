import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;

/**
 * A small job: decayed views, orders and money, interest in eight categories, the cart's value, and a message at each
 * change of segment. A fraction of what Kairos does with an event: nothing is deduplicated, ordered, timed or refused.
 */
final class Job {
    static final double DAY = 86_400.0;
    static final double VIEWS = 7 * DAY, ORDERS = 90 * DAY, AFFINITY = 30 * DAY;
    static final int TOP = 8;
    private static final JsonFactory JSON = new JsonFactory();

    static final class Event {
        String id, name = "", user, category;
        double time, price, revenue;
        int quantity = 1;
    }

    static final class State {
        long events, views, orders, cents, cartCents;
        double decayedViews, viewedAt, frequency, monetary, orderedAt, affinityAt, cartAt;
        Map<String, Double> affinity = new LinkedHashMap<>();
        String segment = "prospect";
    }

    /** A streaming parse: only the fields the job needs, the rest skipped. */
    static Event decode(byte[] bytes) {
        Event e = new Event();
        try (JsonParser p = JSON.createParser(bytes)) {
            p.nextToken();
            while (p.nextToken() == JsonToken.FIELD_NAME) {
                String field = p.currentName();
                p.nextToken();
                switch (field) {
                    case "messageId" -> e.id = p.getText();
                    case "event" -> e.name = p.getText();
                    case "userId" -> e.user = p.getText();
                    case "timestamp" -> e.time = seconds(p.getTextCharacters(), p.getTextOffset());
                    case "properties" -> properties(p, e);
                    default -> p.skipChildren();
                }
            }
        } catch (IOException x) {
            throw new IllegalArgumentException(x);
        }
        return e;
    }

    private static void properties(JsonParser p, Event e) throws IOException {
        while (p.nextToken() == JsonToken.FIELD_NAME) {
            String field = p.currentName();
            p.nextToken();
            switch (field) {
                case "category" -> e.category = p.getText();
                case "price" -> e.price = p.getDoubleValue();
                case "quantity" -> e.quantity = (int) Math.min(p.getLongValue(), 100_000); // a real shop has 10^16
                case "revenue" -> e.revenue = p.getDoubleValue();
                default -> p.skipChildren();
            }
        }
    }

    /** 2026-11-21T10:15:00.000Z to epoch seconds, without allocation. */
    private static double seconds(char[] c, int o) {
        long year = num(c, o, 4), month = num(c, o + 5, 2), day = num(c, o + 8, 2);
        long y = month <= 2 ? year - 1 : year, era = y / 400, yoe = y - era * 400;
        long doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        long days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
        long whole = days * 86_400 + num(c, o + 11, 2) * 3600 + num(c, o + 14, 2) * 60 + num(c, o + 17, 2);
        return whole + num(c, o + 20, 3) / 1000.0;
    }

    private static int num(char[] c, int from, int n) {
        int v = 0;
        for (int i = from; i < from + n; i++) v = v * 10 + c[i] - '0';
        return v;
    }

    /** Apply one event; return the change of segment as JSON, if any. */
    static byte[] fold(State s, Event e) {
        double t = e.time, weight = 1.0;
        s.events++;
        switch (e.name) {
            case "Order Completed" -> {
                weight = 5.0;
                long cents = Math.round(e.revenue * 100);
                s.orders++;
                s.cents += cents;
                if (t >= s.orderedAt) {
                    double k = pow2((s.orderedAt - t) / ORDERS);
                    s.frequency = s.frequency * k + 1.0;
                    s.monetary = s.monetary * k + cents;
                    s.orderedAt = t;
                } else {
                    double k = pow2((t - s.orderedAt) / ORDERS);
                    s.frequency += k;
                    s.monetary += cents * k;
                }
                if (t >= s.cartAt) {
                    s.cartCents = 0;
                    s.cartAt = t;
                }
            }
            case "Product Added" -> {
                weight = 3.0;
                s.cartCents += Math.round(e.price * 100) * e.quantity;
                s.cartAt = Math.max(t, s.cartAt);
            }
            case "Product Removed" -> {
                s.cartCents = Math.max(0, s.cartCents - Math.round(e.price * 100) * e.quantity);
                s.cartAt = Math.max(t, s.cartAt);
            }
            default -> {
                s.views++;
                if (t >= s.viewedAt) {
                    s.decayedViews = s.decayedViews * pow2((s.viewedAt - t) / VIEWS) + 1.0;
                    s.viewedAt = t;
                } else {
                    s.decayedViews += pow2((t - s.viewedAt) / VIEWS);
                }
            }
        }
        if (e.category != null) interest(s, e.category, t, weight);

        double now = Math.max(t, s.orderedAt);
        String segment = segment(s, now);
        if (segment.equals(s.segment)) return null;
        String json = "{\"id\":\"" + e.id + "\",\"user_id\":\"" + e.user + "\",\"previous\":\"" + s.segment
            + "\",\"segment\":\"" + segment + "\",\"as_of\":" + now + "}";
        s.segment = segment;
        return json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void interest(State s, String category, double t, double weight) {
        if (t >= s.affinityAt) {
            double k = pow2((s.affinityAt - t) / AFFINITY);
            for (Map.Entry<String, Double> a : s.affinity.entrySet()) a.setValue(a.getValue() * k);
            s.affinityAt = t;
        } else {
            weight *= pow2((t - s.affinityAt) / AFFINITY);
        }
        s.affinity.merge(category, weight, Double::sum);
        if (s.affinity.size() > TOP) {
            Iterator<Map.Entry<String, Double>> all = s.affinity.entrySet().iterator();
            Map.Entry<String, Double> least = all.next();
            while (all.hasNext()) {
                Map.Entry<String, Double> a = all.next();
                if (a.getValue() < least.getValue()) least = a;
            }
            s.affinity.remove(least.getKey());
        }
    }

    private static String segment(State s, double now) {
        if (s.orders == 0) return "prospect";
        double age = now - s.orderedAt, f = s.frequency * pow2(-age / ORDERS);
        if (age < 10 * DAY) return f >= 3.0 ? "champion" : f >= 1.5 ? "loyal" : "new";
        if (age < 30 * DAY) return f >= 1.5 ? "at_risk" : "cooling";
        return "lapsed";
    }

    private static double pow2(double x) {
        return Math.pow(2.0, x);
    }

    static byte[] pack(State s) {
        try (MessageBufferPacker p = MessagePack.newDefaultBufferPacker()) {
            p.packArrayHeader(14);
            p.packLong(s.events).packLong(s.views).packDouble(s.decayedViews).packDouble(s.viewedAt);
            p.packLong(s.orders).packLong(s.cents).packDouble(s.frequency).packDouble(s.monetary).packDouble(s.orderedAt);
            p.packMapHeader(s.affinity.size());
            for (Map.Entry<String, Double> a : s.affinity.entrySet()) p.packString(a.getKey()).packDouble(a.getValue());
            p.packDouble(s.affinityAt).packLong(s.cartCents).packDouble(s.cartAt).packString(s.segment);
            return p.toByteArray();
        } catch (IOException x) {
            throw new IllegalStateException(x);
        }
    }

    static State unpack(byte[] bytes) {
        State s = new State();
        if (bytes == null) return s;
        try (MessageUnpacker u = MessagePack.newDefaultUnpacker(bytes)) {
            u.unpackArrayHeader();
            s.events = u.unpackLong();
            s.views = u.unpackLong();
            s.decayedViews = u.unpackDouble();
            s.viewedAt = u.unpackDouble();
            s.orders = u.unpackLong();
            s.cents = u.unpackLong();
            s.frequency = u.unpackDouble();
            s.monetary = u.unpackDouble();
            s.orderedAt = u.unpackDouble();
            for (int n = u.unpackMapHeader(); n > 0; n--) s.affinity.put(u.unpackString(), u.unpackDouble());
            s.affinityAt = u.unpackDouble();
            s.cartCents = u.unpackLong();
            s.cartAt = u.unpackDouble();
            s.segment = u.unpackString();
        } catch (IOException x) {
            throw new IllegalStateException(x);
        }
        return s;
    }
}
