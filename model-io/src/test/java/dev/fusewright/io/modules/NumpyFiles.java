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
package dev.fusewright.io.modules;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads what numpy saves: version 1 headers, little-endian, C order. */
final class NumpyFiles {
  private static final Pattern HEADER =
      Pattern.compile("'descr': '[<|](\\w+)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");
  private static final Map<String, ElementType> TYPES =
      Map.of(
          "f4", ElementType.FLOAT,
          "f8", ElementType.DOUBLE,
          "i4", ElementType.INT32,
          "i8", ElementType.INT64);

  private NumpyFiles() {}

  /** The arrays of an {@code .npz}, by name. */
  static Map<String, Tensor> arrays(Path file) throws IOException {
    Map<String, Tensor> arrays = new HashMap<>();
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(entry.getName().replace(".npy", ""), array(zip.readAllBytes()));
      }
    }
    return arrays;
  }

  private static Tensor array(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = 10 + buffer.getShort(8);
    Matcher header = HEADER.matcher(new String(bytes, 10, start - 10, StandardCharsets.ISO_8859_1));
    if (!header.find()) {
      throw new IllegalArgumentException("not a header of numpy");
    }
    long[] dims =
        Arrays.stream(header.group(2).split(","))
            .map(String::strip)
            .filter(dim -> !dim.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    return LiteralTensor.ofBytes(
        TYPES.get(header.group(1)), Shape.of(dims), Arrays.copyOfRange(bytes, start, bytes.length));
  }
}
