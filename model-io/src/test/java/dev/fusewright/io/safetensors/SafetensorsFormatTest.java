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
package dev.fusewright.io.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.format.FormatContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * safetensors files in the order that the reference implementation writes, with and without text.
 */
final class SafetensorsFormatTest extends FormatContract {
  SafetensorsFormatTest() {
    super("safetensors");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    String tensors =
        """
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
        "c": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [24, 26]}}\
        """;
    return List.of(
        save(empty.resolve("plain.safetensors"), "{" + tensors),
        save(
            empty.resolve("described.safetensors"),
            "{\"__metadata__\": {\"format\": \"pt\", \"by\": \"ü\"}, " + tensors));
  }

  private static Path save(Path file, String header) throws IOException {
    byte[] text = header.getBytes(UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + text.length + 26).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    bytes.putFloat(1).putFloat(-2).putFloat(0.5f).putFloat(4).putFloat(7).putFloat(8).put((byte) 1);
    return Files.write(file, bytes.array());
  }
}
