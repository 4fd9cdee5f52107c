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

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import dev.fusewright.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that is to be written, as a list of segments. Its size is known before any of them is
 * written, so a message around it can be planned and nobody ever seeks back to fill in a length.
 *
 * <p>Neighbouring copies are joined: a model of which nothing changes is one single copy.
 */
final class MessagePlan {
  private final List<Segment> segments = new ArrayList<>();
  private ByteString.@Nullable Output pending;
  private long settled;

  /** The number of bytes planned so far. */
  long size() {
    return settled + (pending == null ? 0 : pending.size());
  }

  List<Segment> segments() {
    settle();
    return segments;
  }

  private ByteString.Output pending() {
    if (pending == null) {
      pending = ByteString.newOutput(64);
    }
    return pending;
  }

  private void settle() {
    if (pending != null) {
      settled += pending.size();
      segments.add(new Segment.Literal(pending.toByteString()));
      pending = null;
    }
  }

  /** Copies {@code [start, end)} of the original file. */
  MessagePlan copy(long start, long end) {
    if (start == end) {
      return this;
    }
    settle();
    int last = segments.size() - 1;
    settled += end - start;
    if (last >= 0 && segments.get(last) instanceof Segment.Copy before && before.end() == start) {
      segments.set(last, new Segment.Copy(before.start(), end));
    } else {
      segments.add(new Segment.Copy(start, end));
    }
    return this;
  }

  /** Copies a whole field, tag and all. */
  MessagePlan copy(Part part) {
    return copy(part.start(), part.end());
  }

  /** Appends all of another plan. */
  MessagePlan append(MessagePlan plan) {
    for (Segment segment : plan.segments()) {
      if (segment instanceof Segment.Copy copy) {
        copy(copy.start(), copy.end());
      } else if (segment instanceof Segment.Literal literal) {
        write(literal.bytes());
      } else {
        payload((Segment.Payload) segment);
      }
    }
    return this;
  }

  private void write(ByteString bytes) {
    try {
      bytes.writeTo(pending());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void payload(Segment.Payload payload) {
    settle();
    settled += payload.size();
    segments.add(payload);
  }

  /** A sub-message. */
  MessagePlan message(int field, MessagePlan content) {
    header(field, content.size());
    return append(content);
  }

  /** A small sub-message. */
  MessagePlan message(int field, MessageLite content) {
    return bytes(field, content.toByteArray());
  }

  /** A bytes field that holds a tensor's canonical bytes. */
  MessagePlan payload(int field, Tensor tensor, TensorPlace place) {
    header(field, tensor.byteCount());
    payload(new Segment.Payload(tensor, place));
    return this;
  }

  MessagePlan text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Each element of a repeated string field. */
  MessagePlan texts(int field, List<String> values) {
    values.forEach(value -> text(field, value));
    return this;
  }

  MessagePlan varint(int field, long value) {
    tag(field, WireFormat.WIRETYPE_VARINT);
    raw(value);
    return this;
  }

  MessagePlan real(int field, float value) {
    tag(field, WireFormat.WIRETYPE_FIXED32);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      pending().write(bits >>> shift);
    }
    return this;
  }

  private MessagePlan bytes(int field, byte[] value) {
    header(field, value.length);
    pending().write(value, 0, value.length);
    return this;
  }

  private void header(int field, long length) {
    tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    raw(length);
  }

  private void tag(int field, int wireType) {
    raw((long) field << 3 | wireType);
  }

  private void raw(long value) {
    long rest = value;
    for (int bytes = CodedOutputStream.computeUInt64SizeNoTag(value); bytes > 1; bytes--) {
      pending().write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    pending().write((int) rest);
  }
}
