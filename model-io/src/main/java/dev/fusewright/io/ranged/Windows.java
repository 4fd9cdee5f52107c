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
package dev.fusewright.io.ranged;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was read of mounted files of late. A read that follows none fetches a small window, for the
 * headers of a model lie far apart; one that begins where a window ends fetches four times as much
 * as that, up to four megabytes, and from then on the next window is on its way while one is used.
 * The small ones are kept apart from the large, so that weights that stream past do not push the
 * headers out. At most 32 MB; safe for use by several threads.
 */
final class Windows {
  /** Small windows begin at multiples of it. */
  static final int SMALL = 1 << 14;

  static final int LARGEST = 1 << 22;
  private static final int GROWTH = 4;

  private static final int MOST_SMALL = 512;
  private static final int MOST_LARGE = 6;
  private static final int MOST_ENDS = 64;

  private record Place(RemoteFile file, long position) {}

  private final Map<Place, Window> small = new Latest<>(MOST_SMALL);
  private final Deque<Window> large = new ArrayDeque<>();

  /** Where windows end, with their lengths. */
  private final Map<Place, Integer> ends = new Latest<>(MOST_ENDS);

  /** The window that holds a byte, read if it is not there. */
  Window at(RemoteFile file, long position) throws IOException {
    Window window = find(file, position);
    if (window.length() == LARGEST && window.end() < file.size() && window.isUsedFirst()) {
      file.begin(find(file, window.end()));
    }
    window.read();
    try {
      window.bytes();
    } catch (IOException | RuntimeException e) {
      forget(window);
      throw e;
    }
    return window;
  }

  private synchronized Window find(RemoteFile file, long position) {
    long block = position / SMALL * SMALL;
    Window known = small.get(new Place(file, block));
    if (known == null) {
      known = findLarge(file, position);
    }
    if (known != null) {
      return known;
    }
    Integer before = ends.get(new Place(file, block));
    int wanted = before == null ? SMALL : Math.min(LARGEST, before * GROWTH);
    int length = (int) Math.min(wanted, file.size() - block);
    Window window = new Window(file, block, length, () -> file.fetch(block, length));
    ends.put(new Place(file, window.end()), wanted);
    if (wanted == SMALL) {
      small.put(new Place(file, block), window);
    } else {
      large.addFirst(window);
      if (large.size() > MOST_LARGE) {
        large.removeLast();
      }
    }
    return window;
  }

  private @Nullable Window findLarge(RemoteFile file, long position) {
    for (Window window : large) {
      if (window.holds(file, position)) {
        return window;
      }
    }
    return null;
  }

  private synchronized void forget(Window window) {
    small.values().remove(window);
    large.remove(window);
  }

  /** The entries that were used last. */
  private static final class Latest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private final int most;

    Latest(int most) {
      super(16, 0.75f, /* accessOrder= */ true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > most;
    }
  }
}
