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
package dev.fusewright.io.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** ONNX files with some of their float32 weights changed in place. */
final class Patched {
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_RAW_DATA = 9;

  private Patched() {}

  /** Where the raw data of an initializer lies. */
  record Region(int offset, int length) {}

  /**
   * A copy of {@code original} with {@code change} made to the elements {@code from} to before
   * {@code to}.
   */
  static Path copy(
      Path original, Path copy, String initializer, int from, int to, DoubleUnaryOperator change)
      throws IOException {
    byte[] bytes = Files.readAllBytes(original);
    Region region = rawData(original).get(initializer);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < to; i++) {
      int at = region.offset() + i * Float.BYTES;
      buffer.putFloat(at, (float) change.applyAsDouble(buffer.getFloat(at)));
    }
    return Files.write(copy, bytes);
  }

  /** The initializers with raw data, in file order. */
  static Map<String, Region> rawData(Path file) throws IOException {
    Map<String, Region> regions = new LinkedHashMap<>();
    CodedInputStream in = CodedInputStream.newInstance(Files.readAllBytes(file));
    each(in, MODEL_GRAPH, () -> each(in, GRAPH_INITIALIZER, () -> tensor(in, regions)));
    return regions;
  }

  private static void tensor(CodedInputStream in, Map<String, Region> regions) throws IOException {
    String name = "";
    Region region = null;
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      if (WireFormat.getTagFieldNumber(tag) == TENSOR_NAME) {
        name = in.readString();
      } else if (WireFormat.getTagFieldNumber(tag) == TENSOR_RAW_DATA) {
        int length = in.readRawVarint32();
        region = new Region(in.getTotalBytesRead(), length);
        in.skipRawBytes(length);
      } else {
        in.skipField(tag);
      }
    }
    if (region != null) {
      regions.put(name, region);
    }
  }

  private interface Body {
    void read() throws IOException;
  }

  private static void each(CodedInputStream in, int field, Body body) throws IOException {
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      if (WireFormat.getTagFieldNumber(tag) == field) {
        int limit = in.pushLimit(in.readRawVarint32());
        body.read();
        in.popLimit(limit);
      } else {
        in.skipField(tag);
      }
    }
  }
}
