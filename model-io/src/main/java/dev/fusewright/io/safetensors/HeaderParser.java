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

import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses a header: exactly the JSON that the format allows, and no other.
 *
 * <p>The header is read through a small buffer and never held as a whole. Names that occur twice,
 * fields that are not the format's, numbers that are no natural numbers are refused with their
 * byte.
 */
final class HeaderParser {
  private static final int BUFFER = 1 << 15;
  private static final int LONGEST_TEXT = 1 << 20;
  private static final int MOST_AXES = 1024;

  private final OpenFile file;
  private final long end;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
  private long next;
  private long heap;

  private final Map<String, HeaderEntry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** A parser of the header between two offsets of a file. */
  HeaderParser(OpenFile file, long start, long end) {
    this.file = file;
    this.next = start;
    this.end = end;
  }

  /** By name, in the header's order. */
  Map<String, HeaderEntry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Reads the header once. */
  void parse() {
    if (position() == end || peek() != '{') {
      throw malformed(position(), "a header that begins with '{'", "another byte");
    }
    boolean sawMetadata = false;
    expect('{');
    skipSpace();
    if (!accept('}')) {
      do {
        skipSpace();
        long at = position();
        String name = text();
        colon();
        if (name.equals(SafetensorsFormat.METADATA)) {
          if (sawMetadata) {
            throw malformed(at, "names that occur once", "__metadata__ twice");
          }
          sawMetadata = true;
          parseMetadata();
        } else if (entries.put(name, entry(name, at)) != null) {
          throw malformed(at, "names that occur once", "'" + shortened(name) + "' twice");
        }
        skipSpace();
      } while (accept(','));
      expect('}');
    }
    skipSpace();
    if (position() != end) {
      throw malformed(position(), "spaces up to the header's end at " + end, "other bytes");
    }
  }

  private void parseMetadata() {
    expect('{');
    skipSpace();
    if (accept('}')) {
      return;
    }
    do {
      skipSpace();
      long at = position();
      String key = text();
      colon();
      if (metadata.put(key, text()) != null) {
        throw malformed(at, "keys that occur once", "'" + shortened(key) + "' twice");
      }
      skipSpace();
    } while (accept(','));
    expect('}');
  }

  private HeaderEntry entry(String name, long at) {
    charge(200);
    SafetensorsType type = null;
    List<Long> dims = null;
    List<Long> offsets = null;
    expect('{');
    do {
      skipSpace();
      long fieldAt = position();
      String field = text();
      colon();
      boolean again;
      switch (field) {
        case "dtype" -> {
          again = type != null;
          type = type(fieldAt);
        }
        case "shape" -> {
          again = dims != null;
          dims = naturals();
        }
        case "data_offsets" -> {
          again = offsets != null;
          offsets = naturals();
        }
        default ->
            throw malformed(fieldAt, "dtype, shape or data_offsets", "'" + shortened(field) + "'");
      }
      if (again) {
        throw malformed(fieldAt, "fields that occur once", field + " twice");
      }
      skipSpace();
    } while (accept(','));
    expect('}');
    if (type == null || dims == null || offsets == null || offsets.size() != 2) {
      throw malformed(at, "dtype, shape and two data_offsets of '" + shortened(name) + "'", "less");
    }
    return new HeaderEntry(name, type, shape(dims, name, at), offsets.get(0), offsets.get(1), at);
  }

  private Shape shape(List<Long> dims, String name, long at) {
    try {
      return new Shape(dims);
    } catch (IllegalArgumentException e) {
      throw malformed(
          at,
          "a shape with less than 2^63 elements for '" + shortened(name) + "'",
          dims.toString());
    }
  }

  private SafetensorsType type(long at) {
    String name = text();
    return SafetensorsType.ofName(name)
        .orElseThrow(
            () ->
                new UnsupportedFormatException(
                    problem(at)
                        .expected("an element type of the format")
                        .found("'" + shortened(name) + "'")));
  }

  private List<Long> naturals() {
    List<Long> numbers = new ArrayList<>(4);
    expect('[');
    skipSpace();
    if (accept(']')) {
      return numbers;
    }
    do {
      skipSpace();
      charge(24);
      if (numbers.size() == MOST_AXES) {
        throw new TooLargeException(
            problem(position()).expected("at most " + MOST_AXES + " axes").found("more"));
      }
      numbers.add(natural());
      skipSpace();
    } while (accept(','));
    expect(']');
    return numbers;
  }

  private long natural() {
    long at = position();
    long value = 0;
    int digits = 0;
    while (position() < end && peek() >= '0' && peek() <= '9') {
      int digit = take() - '0';
      if (digits > 0 && value == 0) {
        throw malformed(at, "a number without leading zeros", "one with them");
      }
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw malformed(at, "a number below 2^63", "a larger one");
      }
      value = value * 10 + digit;
      digits++;
    }
    if (digits == 0) {
      throw malformed(at, "a natural number", found());
    }
    return value;
  }

  private String text() {
    long at = position();
    expect('"');
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(48);
    for (int c = take(); c != '"'; c = take()) {
      if (c < 0x20) {
        throw malformed(position() - 1, "no control characters in text", "0x%02x".formatted(c));
      }
      if (c == '\\') {
        escape(bytes);
      } else {
        bytes.write(c);
      }
      if (bytes.size() > LONGEST_TEXT) {
        throw new TooLargeException(
            problem(at).expected("text of at most " + LONGEST_TEXT + " bytes").found("more"));
      }
    }
    charge(64 + bytes.size());
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed(at, "UTF-8 text", "other bytes");
    }
  }

  private void escape(ByteArrayOutputStream bytes) {
    long at = position() - 1;
    int c = take();
    switch (c) {
      case '"', '\\', '/' -> bytes.write(c);
      case 'b' -> bytes.write('\b');
      case 'f' -> bytes.write('\f');
      case 'n' -> bytes.write('\n');
      case 'r' -> bytes.write('\r');
      case 't' -> bytes.write('\t');
      case 'u' -> {
        char first = hex4();
        String text = String.valueOf(first);
        if (Character.isHighSurrogate(first)) {
          expect('\\');
          expect('u');
          char second = hex4();
          if (!Character.isLowSurrogate(second)) {
            throw malformed(at, "a pair of surrogates", "half of one");
          }
          text = "" + first + second;
        } else if (Character.isLowSurrogate(first)) {
          throw malformed(at, "a pair of surrogates", "half of one");
        }
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      }
      default -> throw malformed(at, "an escape of JSON", found(c));
    }
  }

  private char hex4() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(take(), 16);
      if (digit < 0) {
        throw malformed(position() - 1, "a hexadecimal digit", "another byte");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private void colon() {
    skipSpace();
    expect(':');
    skipSpace();
  }

  private void skipSpace() {
    while (position() < end
        && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t')) {
      take();
    }
  }

  private boolean accept(char wanted) {
    if (position() < end && peek() == wanted) {
      take();
      return true;
    }
    return false;
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw malformed(position(), "'" + wanted + "'", found());
    }
  }

  private String found() {
    return position() < end ? found(peek()) : "the header's end";
  }

  private static String found(int c) {
    return c >= 0x20 && c < 0x7f ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c);
  }

  private long position() {
    return next - buffer.remaining();
  }

  private int peek() {
    fill();
    return buffer.get(buffer.position()) & 0xff;
  }

  private int take() {
    fill();
    return buffer.get() & 0xff;
  }

  private void fill() {
    if (!buffer.hasRemaining()) {
      if (next == end) {
        throw malformed(end, "more of the header", "its end");
      }
      buffer.clear().limit((int) Math.min(BUFFER, end - next));
      file.read(next, buffer);
      next += buffer.position();
      buffer.flip();
    }
  }

  private void charge(long bytes) {
    heap += bytes;
    if (heap > SafetensorsFormat.MAX_HEAP) {
      throw new TooLargeException(
          problem(position())
              .expected(
                  "a header of at most " + (SafetensorsFormat.MAX_HEAP >> 20) + " MB in memory")
              .found("more"));
    }
  }

  static String shortened(@Nullable String text) {
    String visible = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
    return visible.length() <= 60 ? visible : visible.substring(0, 60) + "…";
  }

  private Problem problem(long at) {
    return file.problemAt(at).inside("header");
  }

  private MalformedFileException malformed(long at, String expected, String found) {
    return new MalformedFileException(problem(at).expected(expected).found(found));
  }
}
