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
package dev.fusewright.io.json;

import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A place in the JSON of a file: what stands there is taken piece by piece, by a reader who knows
 * what may stand there.
 *
 * <p>The JSON is read through a small buffer and never held as a whole. What is kept of it is
 * charged to a budget. Every error names its byte.
 */
public final class JsonCursor {
  private static final int BUFFER = 1 << 15;
  private static final int LONGEST_TEXT = 1 << 20;
  private static final int DEEPEST = 64;

  private final OpenFile file;
  private final long end;
  private final String part;
  private final long mostHeap;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
  private long next;
  private long heap;
  private @Nullable ByteArrayOutputStream copy;

  /**
   * A cursor before the first byte of some JSON.
   *
   * @param end behind its last byte
   * @param part what errors call it, such as {@code header}
   * @param mostHeap bytes of heap that may be kept of it
   */
  public JsonCursor(OpenFile file, long start, long end, String part, long mostHeap) {
    this.file = file;
    this.next = start;
    this.end = end;
    this.part = part;
    this.mostHeap = mostHeap;
  }

  /** The offset of the next byte in the file. */
  public long position() {
    return next - buffer.remaining();
  }

  /** Whether nothing is left. */
  public boolean isAtEnd() {
    return position() == end;
  }

  /** The next byte, which stays. */
  public int peek() {
    fill();
    return buffer.get(buffer.position()) & 0xff;
  }

  private int take() {
    fill();
    byte taken = buffer.get();
    ByteArrayOutputStream copied = copy;
    if (copied != null) {
      charge(2);
      copied.write(taken);
    }
    return taken & 0xff;
  }

  private void fill() {
    if (!buffer.hasRemaining()) {
      if (next == end) {
        throw malformed(end, "more of the " + part, "its end");
      }
      buffer.clear().limit((int) Math.min(BUFFER, end - next));
      file.read(next, buffer);
      next += buffer.position();
      buffer.flip();
    }
  }

  /** Takes white space. */
  public void skipSpace() {
    while (!isAtEnd() && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t')) {
      take();
    }
  }

  /** Takes a byte, if it is the wanted one. */
  public boolean accept(char wanted) {
    if (!isAtEnd() && peek() == wanted) {
      take();
      return true;
    }
    return false;
  }

  /** Takes a byte that must be there. */
  public void expect(char wanted) {
    if (!accept(wanted)) {
      throw malformed(position(), "'" + wanted + "'", found());
    }
  }

  /** Takes a colon and the white space around it. */
  public void colon() {
    skipSpace();
    expect(':');
    skipSpace();
  }

  /** The rest must be white space. */
  public void expectEnd() {
    skipSpace();
    if (!isAtEnd()) {
      throw malformed(
          position(), "spaces up to the %s's end at %d".formatted(part, end), "other bytes");
    }
  }

  /** Reader of one member of an object, whose name and colon are taken. */
  @FunctionalInterface
  public interface Member {
    /**
     * Takes the value.
     *
     * @param at where the name stands
     */
    void read(String name, long at);
  }

  /** Takes an object. */
  public void object(Member member) {
    expect('{');
    skipSpace();
    if (accept('}')) {
      return;
    }
    do {
      skipSpace();
      long at = position();
      String name = text();
      colon();
      member.read(name, at);
      skipSpace();
    } while (accept(','));
    expect('}');
  }

  /** Takes a number below 2^63 without sign, fraction, exponent or leading zeros. */
  public long natural() {
    long at = position();
    long value = 0;
    int digits = 0;
    while (!isAtEnd() && peek() >= '0' && peek() <= '9') {
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

  /** Takes a text of at most 1 MB. */
  public String text() {
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
    charge(64L + bytes.size());
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

  /** Takes a value of any kind, which is checked, and gives it as it stands there. */
  public String raw() {
    ByteArrayOutputStream copied = new ByteArrayOutputStream(64);
    copy = copied;
    try {
      value(0);
      return copied.toString(StandardCharsets.UTF_8);
    } finally {
      copy = null;
    }
  }

  /** Takes a value of any kind, which is checked, and keeps nothing of it. */
  public void skip() {
    long before = heap;
    value(0);
    heap = before;
  }

  private void value(int depth) {
    if (depth > DEEPEST) {
      throw new TooLargeException(
          problem(position()).expected("at most " + DEEPEST + " levels").found("more"));
    }
    switch (peek()) {
      case '"' -> text();
      case '{' -> object((name, at) -> value(depth + 1));
      case '[' -> list(depth);
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private void list(int depth) {
    list(() -> value(depth + 1));
  }

  /** Takes a list, each of whose elements {@code element} takes. */
  public void list(Runnable element) {
    expect('[');
    skipSpace();
    if (accept(']')) {
      return;
    }
    do {
      skipSpace();
      element.run();
      skipSpace();
    } while (accept(','));
    expect(']');
  }

  private void word(String word) {
    word.chars().forEach(c -> expect((char) c));
  }

  private void number() {
    accept('-');
    if (!accept('0')) {
      digits();
    }
    if (accept('.')) {
      digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      digits();
    }
  }

  private void digits() {
    long at = position();
    while (!isAtEnd() && peek() >= '0' && peek() <= '9') {
      take();
    }
    if (position() == at) {
      throw malformed(at, "a digit", found());
    }
  }

  /** Counts bytes of heap that are kept. */
  public void charge(long bytes) {
    heap += bytes;
    if (heap > mostHeap) {
      throw new TooLargeException(
          problem(position())
              .expected("no more than %d MB in memory of the %s".formatted(mostHeap >> 20, part))
              .found("more"));
    }
  }

  private String found() {
    return isAtEnd() ? "the %s's end".formatted(part) : found(peek());
  }

  private static String found(int c) {
    return c >= 0x20 && c < 0x7f ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c);
  }

  /** A text of the file, as errors show it. */
  public static String shortened(@Nullable String text) {
    String visible = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
    return visible.length() <= 60 ? visible : visible.substring(0, 60) + "…";
  }

  /** The beginning of an error at a byte of the file. */
  public Problem problem(long at) {
    return file.problemAt(at).inside(part);
  }

  /** An error at a byte of the file. */
  public MalformedFileException malformed(long at, String expected, String found) {
    return new MalformedFileException(problem(at).expected(expected).found(found));
  }
}
