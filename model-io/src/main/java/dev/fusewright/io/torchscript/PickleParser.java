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
package dev.fusewright.io.torchscript;

import dev.fusewright.io.archive.ByteInput;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of protocol 2 as PyTorch's own C++ pickler writes it. Nothing is called: a call
 * stays a call.
 */
final class PickleParser {
  private static final int LONGEST_LINE = 4096;
  private static final int MOST_MARKS = 10_000;
  private static final int LONGEST_INTEGER = 8;
  private static final long PER_OPERATION = 64;

  private final ByteInput in;
  private final String part;
  private final long mostHeap;
  private final List<@Nullable Pickled> stack = new ArrayList<>(); // null is a mark
  private final Map<Long, Pickled> memo = new HashMap<>();
  private final Set<Pickled> unfilled = Collections.newSetFromMap(new IdentityHashMap<>());
  private long heap;
  private int marks;
  private long at;

  private PickleParser(FileRegion region, String part, long mostHeap) {
    this.in = new ByteInput(region);
    this.part = part;
    this.mostHeap = mostHeap;
  }

  /**
   * The value of a pickle.
   *
   * @param part what errors call it
   * @param mostHeap that it may take, as estimated
   */
  static Pickled parse(FileRegion region, String part, long mostHeap) {
    return new PickleParser(region, part, mostHeap).value();
  }

  private Pickled value() {
    if (in.u1() != 0x80 || in.u1() != 2) {
      throw malformed("a pickle of protocol 2", "other bytes");
    }
    while (true) {
      at = in.position();
      charge(PER_OPERATION);
      int opcode = in.u1();
      if (opcode == '.') {
        Pickled root = pop();
        if (!stack.isEmpty() || in.remaining() > 0) {
          throw malformed("one value", "more");
        }
        return root;
      }
      execute(opcode);
    }
  }

  private void execute(int opcode) {
    switch (opcode) {
      case 'c' -> push(new Pickled.Global(line(), line()));
      case 'X' -> push(new Pickled.Text(text(in.u4())));
      case 'N' -> push(new Pickled.Scalar(null, operation(opcode)));
      case 0x88 -> push(new Pickled.Scalar(true, operation(opcode)));
      case 0x89 -> push(new Pickled.Scalar(false, operation(opcode)));
      case 'J' -> number(opcode, Integer.BYTES);
      case 'K' -> number(opcode, 1);
      case 'M' -> number(opcode, Short.BYTES);
      case 'G' -> {
        byte[] bytes = in.bytes(Double.BYTES);
        push(new Pickled.Scalar(ByteBuffer.wrap(bytes).getDouble(), operation(opcode, bytes)));
      }
      case 0x8a -> longInteger();
      case '(' -> {
        if (++marks > MOST_MARKS) {
          throw tooLarge("at most " + MOST_MARKS + " open marks");
        }
        stack.add(null);
      }
      case ')' -> push(new Pickled.Tuple(List.of(), Pickled.Filling.NONE));
      case 't' -> push(new Pickled.Tuple(popMark(), Pickled.Filling.MARKED));
      case 0x85, 0x86, 0x87 ->
          push(new Pickled.Tuple(popSeveral(opcode - 0x84), Pickled.Filling.COUNTED));
      case ']' -> push(new Pickled.Sequence());
      case '}' -> push(new Pickled.Mapping());
      case 'e' -> fill(popMark(), Pickled.Filling.MARKED);
      case 'a' -> fill(popSeveral(1), Pickled.Filling.SINGLY);
      case 'u' -> put(popMark(), Pickled.Filling.MARKED);
      case 's' -> put(popSeveral(2), Pickled.Filling.SINGLY);
      case 0x81 -> {
        List<Pickled> parts = popSeveral(2);
        push(new Pickled.Instance(parts.get(0), parts.get(1)));
      }
      case 'b' -> {
        Pickled state = pop();
        if (!(top() instanceof Pickled.Instance object) || object.state() != null) {
          throw malformed("an object without a state", "something else");
        }
        requireNoCycle(object);
        object.build(state);
      }
      case 'R' -> {
        List<Pickled> parts = popSeveral(2);
        push(new Pickled.Reduced(parts.get(0), parts.get(1)));
      }
      case 'Q' -> push(new Pickled.Persistent(pop()));
      case 'q' -> memoize(in.u1());
      case 'r' -> memoize(in.u4());
      case 'h' -> push(recalled(in.u1()));
      case 'j' -> push(recalled(in.u4()));
      default ->
          throw new UnsupportedFormatException(
              problem()
                  .expected("an operation that PyTorch's own pickler uses")
                  .found("opcode 0x%02x".formatted(opcode)));
    }
  }

  private static byte[] operation(int opcode, byte... operands) {
    byte[] operation = new byte[operands.length + 1];
    operation[0] = (byte) opcode;
    System.arraycopy(operands, 0, operation, 1, operands.length);
    return operation;
  }

  private void number(int opcode, int size) {
    byte[] bytes = in.bytes(size);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long value =
        switch (size) {
          case 1 -> Byte.toUnsignedLong(buffer.get());
          case Short.BYTES -> Short.toUnsignedLong(buffer.getShort());
          default -> buffer.getInt();
        };
    push(new Pickled.Scalar(value, operation(opcode, bytes)));
  }

  private void longInteger() {
    int count = in.u1();
    if (count > LONGEST_INTEGER) {
      throw tooLarge("an integer of at most " + LONGEST_INTEGER + " bytes");
    }
    byte[] bytes = in.bytes(count);
    byte[] big = new byte[count + 1];
    for (int i = 0; i < count; i++) {
      big[count - i] = bytes[i];
    }
    big[0] = (byte) (count > 0 && bytes[count - 1] < 0 ? -1 : 0);
    byte[] operands = new byte[count + 1];
    operands[0] = (byte) count;
    System.arraycopy(bytes, 0, operands, 1, count);
    push(new Pickled.Scalar(new BigInteger(big).longValue(), operation(0x8a, operands)));
  }

  private String line() {
    return utf8(in.line(LONGEST_LINE));
  }

  private String text(long length) {
    if (length > in.remaining()) {
      throw malformed("a text within the " + in.remaining() + " bytes left", length + " bytes");
    }
    charge(2 * length);
    return utf8(in.bytes(length));
  }

  private String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw malformed("UTF-8 text", "other bytes");
    }
  }

  private void fill(List<Pickled> items, Pickled.Filling how) {
    if (!(top() instanceof Pickled.Sequence list) || list.filling() != Pickled.Filling.NONE) {
      throw malformed("an empty list", "something else");
    }
    requireNoCycle(list);
    list.fill(items, how);
  }

  private void put(List<Pickled> items, Pickled.Filling how) {
    if (!(top() instanceof Pickled.Mapping map)
        || map.filling() != Pickled.Filling.NONE
        || items.size() % 2 != 0) {
      throw malformed("an empty dict and pairs", "something else");
    }
    requireNoCycle(map);
    map.fill(items, how);
  }

  // ------------------------------------------------------------ stack and memo

  private void push(Pickled value) {
    stack.add(value);
  }

  private Pickled pop() {
    Pickled value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private Pickled top() {
    Pickled value = stack.isEmpty() ? null : stack.get(stack.size() - 1);
    if (value == null) {
      throw malformed("a value on the stack", "none");
    }
    return value;
  }

  private List<Pickled> popSeveral(int count) {
    List<Pickled> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(0, pop());
    }
    return values;
  }

  private List<Pickled> popMark() {
    int from = stack.lastIndexOf(null);
    if (from < 0) {
      throw malformed("a mark on the stack", "none");
    }
    List<Pickled> values = new ArrayList<>();
    for (Pickled value : stack.subList(from + 1, stack.size())) {
      if (value != null) {
        values.add(value);
      }
    }
    stack.subList(from, stack.size()).clear();
    marks--;
    return values;
  }

  private void memoize(long index) {
    Pickled value = top();
    if (memo.put(index, value) != null) {
      throw malformed("a memo that is written once", "it twice");
    }
    value.memoize();
  }

  private Pickled recalled(long index) {
    Pickled value = memo.get(index);
    if (value == null) {
      throw malformed("a memo that was written before", String.valueOf(index));
    }
    boolean isUnfilled =
        (value instanceof Pickled.Sequence list && list.filling() == Pickled.Filling.NONE)
            || (value instanceof Pickled.Mapping map && map.filling() == Pickled.Filling.NONE)
            || (value instanceof Pickled.Instance object && object.state() == null);
    if (isUnfilled) {
      unfilled.add(value);
    }
    return value;
  }

  /** What was recalled before it was filled might hold itself. */
  private void requireNoCycle(Pickled value) {
    if (unfilled.contains(value)) {
      throw malformed("values that do not hold themselves", "one that may");
    }
  }

  // ------------------------------------------------------------ errors

  private void charge(long bytes) {
    heap += bytes;
    if (heap > mostHeap) {
      throw tooLarge("values of at most " + (mostHeap >> 20) + " MB in memory");
    }
  }

  private Problem problem() {
    return in.problemAt(at).inside(part);
  }

  private MalformedFileException malformed(String expected, String found) {
    return new MalformedFileException(problem().expected(expected).found(found));
  }

  private TooLargeException tooLarge(String expected) {
    return new TooLargeException(problem().expected(expected).found("more"));
  }
}
