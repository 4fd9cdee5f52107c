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

import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of the elements of all payloads of a plan, counted block by block. */
final class Censuses {
  private final Map<Integer, ElementCensus> bySegment = new TreeMap<>();

  /** Adds what a block of the {@code segment}-th segment has. For use by several threads. */
  synchronized void add(int segment, ElementCensus census) {
    ElementCensus before = bySegment.putIfAbsent(segment, census);
    if (before != null) {
      before.add(census);
    }
  }

  /** The tensors that were computed, in the order of the file. */
  synchronized List<RewrittenTensor> rewritten(List<Segment> segments) {
    List<RewrittenTensor> rewritten = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i) instanceof Segment.Payload payload) {
        rewritten.add(
            RewrittenTensor.of(
                payload.place().scope().text(),
                payload.place().name(),
                payload.tensor(),
                bySegment.getOrDefault(i, new ElementCensus(payload.tensor().type()))));
      }
    }
    return rewritten;
  }
}
