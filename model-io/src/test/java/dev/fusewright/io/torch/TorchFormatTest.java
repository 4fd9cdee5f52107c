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
package dev.fusewright.io.torch;

import dev.fusewright.io.format.FormatContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** PyTorch's three kinds of file: zip archives, legacy streams and TorchScript archives. */
final class TorchFormatTest extends FormatContract {
  private static final long[] SIZES = {2, 2};
  private static final long[] STRIDES = {2, 1};

  TorchFormatTest() {
    super("pytorch");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    Map<String, byte[]> storages = new LinkedHashMap<>();
    storages.put("0", floats(1, -2, 0.5f, 4));
    storages.put("1", floats(5, 6, 7, 8));
    Pickles checkpoint = new Pickles().op('}').text("epoch").number(3).op('s').text("state_dict");
    parameters(checkpoint).op('s');
    return List.of(
        Pickles.archive(empty.resolve("plain.pth"), parameters(new Pickles()).bytes(), storages),
        Pickles.archive(empty.resolve("nested.pth"), checkpoint.bytes(), storages),
        legacy(empty.resolve("legacy.pth"), storages));
  }

  private static Pickles parameters(Pickles pickle) {
    pickle.op('}').text("weight").tensor("0", 4, 0, SIZES, STRIDES).op('s');
    return pickle.text("bias").tensor("1", 4, 0, SIZES, STRIDES).op('s');
  }

  private static Path legacy(Path file, Map<String, byte[]> storages) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] magic = TorchFormat.LEGACY_MAGIC.toByteArray();
    Pickles number = new Pickles().op(0x8a).op(magic.length);
    for (int at = magic.length - 1; at >= 0; at--) {
      number.op(magic[at] & 0xff);
    }
    out.writeBytes(number.bytes());
    out.writeBytes(new Pickles().number(TorchFormat.LEGACY_PROTOCOL).bytes());
    out.writeBytes(new Pickles().op('}').text("little_endian").op(0x88).op('s').bytes());
    out.writeBytes(parameters(new Pickles()).bytes());
    out.writeBytes(new Pickles().op(']').text("0").op('a').text("1").op('a').bytes());
    for (byte[] storage : storages.values()) {
      out.write(new byte[] {4, 0, 0, 0, 0, 0, 0, 0});
      out.write(storage);
    }
    return Files.write(file, out.toByteArray());
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }
}
