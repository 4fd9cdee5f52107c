/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receipts that were put last, by content, in so many bytes. The workers of a process share
 * them: what one has published, another finds before it is written. Safe for use by several
 * threads.
 */
public final class RecentResults {
  private static final long MOST_BYTES = 16 << 20;

  private static @Nullable Shared latest;

  private final Map<String, byte[]> receipts =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
  private final long mostBytes;
  private long bytes;

  RecentResults() {
    this(MOST_BYTES);
  }

  RecentResults(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  private record Shared(Object place, RecentResults results) {}

  /**
   * Those of a place where receipts are kept, the same for all who ask in a row.
   *
   * @param place whatever tells a store and its folder from others
   */
  public static synchronized RecentResults shared(Object place) {
    if (latest == null || !latest.place.equals(place)) {
      latest = new Shared(place, new RecentResults());
    }
    return latest.results;
  }

  synchronized void put(String content, byte[] receipt) {
    if (receipt.length > mostBytes) {
      return;
    }
    byte[] former = receipts.put(content, receipt);
    bytes += receipt.length - (former == null ? 0 : former.length);
    var eldest = receipts.entrySet().iterator();
    while (bytes > mostBytes && eldest.hasNext()) {
      bytes -= eldest.next().getValue().length;
      eldest.remove();
    }
  }

  synchronized Optional<byte[]> find(String content) {
    return Optional.ofNullable(receipts.get(content));
  }
}
