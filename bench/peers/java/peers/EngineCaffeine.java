package peers;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Caffeine with text keys, which its users have, and a maximum weight of the budget; keys and values alone are weighed. It
 * keeps the array that it is given, so that a put makes a new one, and hands that out.
 */
final class EngineCaffeine implements Engine {
  static final Kind KIND = new Kind("caffeine", () -> Versions.of("caffeine"), true, EngineCaffeine::new);

  private final Cache<String, byte[]> cache;

  private EngineCaffeine(Peers.Request request, String durability) {
    cache = Caffeine.newBuilder().maximumWeight(request.budgetMib() << 20)
        .weigher((String key, byte[] value) -> key.length() + value.length).build();
  }

  @Override
  public Object keyOf(byte[] key) { return new String(key, StandardCharsets.ISO_8859_1); }

  @Override
  public void put(Object key, byte[] value) { cache.put((String) key, value.clone()); }

  @Override
  public int get(Object key, Access a) {
    a.seen = cache.getIfPresent((String) key);
    return a.seen == null ? -1 : a.seen.length;
  }

  @Override
  public void load(List<byte[]> keys, List<byte[]> values) {
    for (int i = 0; i < keys.size(); i++) {
      put(keyOf(keys.get(i)), values.get(i));
    }
  }

  @Override
  public void close() {}
}
