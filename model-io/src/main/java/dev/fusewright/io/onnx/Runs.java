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
package dev.fusewright.io.onnx;

import java.util.Arrays;

/**
 * Where the elements of one repeated field lie. Protobuf lets a list come packed, in several packed
 * pieces, one element per tag, or in any mixture; a run is a stretch of one kind.
 *
 * <p>A packed run is elements side by side ({@code gap} 0); in an unpacked one a tag of {@code gap}
 * bytes stands before each element. Almost always there is exactly one run.
 */
final class Runs {
  static final Runs NONE = new Runs();

  private long[] starts = new long[1];
  private long[] ends = new long[1];
  private int[] gaps = new int[1];
  private int count;

  /** Adds the cursor's current field; false if it only made the last run longer. */
  boolean add(WireCursor cursor) {
    boolean packed = cursor.isDelimited();
    long start = packed ? cursor.payload() : cursor.tagStart();
    int gap = packed ? 0 : (int) (cursor.payload() - cursor.tagStart());
    if (start == cursor.payloadEnd()) {
      return false;
    }
    if (count > 0 && !packed && gaps[count - 1] == gap && ends[count - 1] == start) {
      ends[count - 1] = cursor.payloadEnd();
      return false;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
      gaps = Arrays.copyOf(gaps, count * 2);
    }
    starts[count] = start;
    ends[count] = cursor.payloadEnd();
    gaps[count++] = gap;
    return true;
  }

  int count() {
    return count;
  }

  long start(int run) {
    return starts[run];
  }

  long end(int run) {
    return ends[run];
  }

  int gap(int run) {
    return gaps[run];
  }

  /** One stretch of elements side by side. */
  static Runs of(long start, long end) {
    Runs runs = new Runs();
    runs.starts[0] = start;
    runs.ends[0] = end;
    runs.count = start == end ? 0 : 1;
    return runs;
  }
}
