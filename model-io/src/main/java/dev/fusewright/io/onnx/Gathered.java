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

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import java.util.Arrays;

/**
 * The small fields of a message, laid side by side without its tensors and bodies, so that a
 * generated class can parse them: merging, defaults, packed and unpacked lists are then protobuf's
 * own.
 */
final class Gathered {
  private final WireCursor cursor;
  private final long message;
  private long[] ranges = new long[4];
  private int count;
  private long length;

  Gathered(WireCursor cursor, long message) {
    this.cursor = cursor;
    this.message = message;
  }

  /** Adds the cursor's current field. */
  void addField() {
    add(cursor.tagStart(), cursor.payloadEnd());
  }

  private void add(long from, long to) {
    length += to - from;
    if (count > 0 && ranges[count - 1] == from) {
      ranges[count - 1] = to;
      return;
    }
    if (count == ranges.length) {
      cursor.requireParsable(message, length);
      ranges = Arrays.copyOf(ranges, count * 2);
    }
    ranges[count++] = from;
    ranges[count++] = to;
  }

  long length() {
    return length;
  }

  <M extends MessageLite> M parse(Parser<M> parser) {
    cursor.requireParsable(message, length);
    byte[] bytes = new byte[(int) length];
    int at = 0;
    for (int i = 0; i < count; i += 2) {
      int size = (int) (ranges[i + 1] - ranges[i]);
      cursor.copy(ranges[i], bytes, at, size);
      at += size;
    }
    return parse(parser, bytes, cursor, message);
  }

  static <M extends MessageLite> M parse(
      Parser<M> parser, byte[] bytes, WireCursor cursor, long message) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedFileException(
          Problem.in(cursor.file().path())
              .at(message)
              .expected("a protobuf message")
              .found(String.valueOf(e.getMessage())),
          e);
    }
  }
}
