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

import dev.fusewright.io.testing.ExportedPrograms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Assembles pickles opcode by opcode, and archives around them, as an attacker would. */
final class Pickles {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Pickles() {
    op(0x80).op(2);
  }

  Pickles op(int... bytes) {
    for (int one : bytes) {
      out.write(one);
    }
    return this;
  }

  Pickles op(char opcode) {
    out.write(opcode);
    return this;
  }

  Pickles global(String module, String name) {
    return op('c').raw(module + "\n" + name + "\n");
  }

  Pickles text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return op('X').little(4, bytes.length).raw(text);
  }

  Pickles number(long number) {
    return op(0x8a).op(8).little(8, number);
  }

  Pickles numbers(long... numbers) {
    op('(');
    for (long number : numbers) {
      number(number);
    }
    return op('t');
  }

  Pickles raw(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  Pickles little(int count, long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(bytes, 0, count);
    return this;
  }

  Pickles repeat(int opcode, int times) {
    for (int i = 0; i < times; i++) {
      out.write(opcode);
    }
    return this;
  }

  /** Pushes a float32 tensor over a storage. */
  Pickles tensor(String key, long elements, long offset, long[] sizes, long[] strides) {
    return tensor(key, elements, offset, sizes, strides, new Pickles());
  }

  /** The same, with what is pushed as a seventh argument. */
  Pickles tensor(
      String key, long elements, long offset, long[] sizes, long[] strides, Pickles seventh) {
    global("torch._utils", "_rebuild_tensor_v2").op('(');
    op('(')
        .text("storage")
        .global("torch", "FloatStorage")
        .text(key)
        .text("cpu")
        .number(elements)
        .op('t', 'Q');
    number(offset)
        .numbers(sizes)
        .numbers(strides)
        .op(0x89)
        .global("collections", "OrderedDict")
        .op(')', 'R');
    out.writeBytes(seventh.out.toByteArray());
    return op('t', 'R');
  }

  byte[] bytes() {
    ByteArrayOutputStream ended = new ByteArrayOutputStream();
    ended.writeBytes(out.toByteArray());
    ended.write('.');
    return ended.toByteArray();
  }

  /** An archive of a pickle and of storages by key. */
  static Path archive(Path file, byte[] pickle, Map<String, byte[]> storages) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>(Map.of("data.pkl", pickle));
    storages.forEach((key, bytes) -> records.put("data/" + key, bytes));
    return ExportedPrograms.write(file, "archive/", records);
  }
}
