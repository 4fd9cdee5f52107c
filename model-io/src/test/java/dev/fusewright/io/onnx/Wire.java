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

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Protobuf bytes made by hand, in forms that no generated class would write. */
final class Wire {
  private Wire() {}

  interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  static byte[] bytes(Writing writing) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      writing.to(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A length-delimited field. */
  static byte[] message(int field, byte[] content) {
    return bytes(out -> out.writeByteArray(field, content));
  }

  static byte[] text(int field, String value) {
    return bytes(out -> out.writeString(field, value));
  }

  static byte[] varint(int field, long value) {
    return bytes(out -> out.writeInt64(field, value));
  }

  /**
   * A field of every wire type that no ONNX message has, a group with a group inside among them.
   */
  static byte[] unknown(int field) {
    return bytes(
        out -> {
          out.writeInt64(field, -1);
          out.writeFixed32(field + 1, 7);
          out.writeFixed64(field + 2, 8);
          out.writeString(field + 3, "unknown");
          out.writeTag(field + 4, 3);
          out.writeString(1, "in a group");
          out.writeTag(2, 3);
          out.writeFixed32(3, 4);
          out.writeTag(2, 4);
          out.writeTag(field + 4, 4);
        });
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
