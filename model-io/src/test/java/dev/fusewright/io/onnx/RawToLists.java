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

import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Rewrites a file with float32 weights in {@code raw_data} so that they are in {@code float_data}.
 */
final class RawToLists {
  private RawToLists() {}

  static void convert(Path raw, Path lists) throws IOException {
    try (FileBytes file = FileBytes.open(raw)) {
      WireCursor cursor = new WireCursor(file, ReadLimits.forThisHeap());
      MessagePlan model = new MessagePlan();
      while (cursor.next(file.size())) {
        if (cursor.isDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
          long end = cursor.payloadEnd();
          model.message(ModelProto.GRAPH_FIELD_NUMBER, graph(cursor, cursor.payload(), end));
          cursor.seek(end);
        } else {
          model.copy(cursor.tagStart(), cursor.payloadEnd());
        }
      }
      PlanStream.write(model.segments(), file, lists);
    }
  }

  private static MessagePlan graph(WireCursor cursor, long start, long end) {
    MessagePlan graph = new MessagePlan();
    cursor.seek(start);
    while (cursor.next(end)) {
      if (cursor.isDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
        long next = cursor.payloadEnd();
        graph.message(GraphProto.INITIALIZER_FIELD_NUMBER, tensor(cursor, cursor.payload(), next));
        cursor.seek(next);
      } else {
        graph.copy(cursor.tagStart(), cursor.payloadEnd());
      }
    }
    return graph;
  }

  private static MessagePlan tensor(WireCursor cursor, long start, long end) {
    MessagePlan tensor = new MessagePlan();
    cursor.seek(start);
    while (cursor.next(end)) {
      if (cursor.isDelimited(TensorProto.RAW_DATA_FIELD_NUMBER)) {
        tensor.message(
            TensorProto.FLOAT_DATA_FIELD_NUMBER,
            new MessagePlan().copy(cursor.payload(), cursor.payloadEnd()));
      } else {
        tensor.copy(cursor.tagStart(), cursor.payloadEnd());
      }
    }
    return tensor;
  }
}
