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

import dev.fusewright.io.archive.ByteInput;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.torch.PickleValue.BigInt;
import dev.fusewright.io.torch.PickleValue.Bool;
import dev.fusewright.io.torch.PickleValue.Bytes;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Inert;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.Real;
import dev.fusewright.io.torch.PickleValue.SetValue;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Interprets a pickle's opcodes and builds {@link PickleValue}s.
 *
 * <p>The stack machine of Python's {@code pickle}, without Python: a global stays a name, a call
 * that {@link PickleCalls} does not know stays a call, an object is a bag of state. Operations,
 * heap, stack, memo and nesting have limits, and an error says at which byte of the file it
 * happened.
 */
final class PickleReader {
  /** The operations that leave a new dict, object or result of a call on the stack. */
  private static final String MAKERS = "}dRio\u0081\u0092";

  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_INTEGER = 1024;

  /** Says what a persistent id stands for. */
  interface PersistentIds {
    PickleValue load(PickleValue id, Problem here);
  }

  private final ByteInput in;
  private final PickleCalls calls;
  private final PersistentIds persistentIds;

  private final ArrayList<PickleValue> stack = new ArrayList<>();
  private int[] marks = new int[16];
  private int markCount;
  private @Nullable PickleValue[] memo = new PickleValue[256];
  private int memoized;
  private long operations;
  private long heap;
  private long opcodeAt;
  private final PickleLayout layout = new PickleLayout();

  PickleReader(ByteInput in, PickleCalls calls, PersistentIds persistentIds) {
    this.in = in;
    this.calls = calls;
    this.persistentIds = persistentIds;
  }

  /** The value of the next pickle in the input; the input then stands behind it. */
  PickleValue read() {
    while (true) {
      opcodeAt = in.position();
      if (++operations > TorchFormat.MAX_OPERATIONS) {
        throw tooLarge("at most " + TorchFormat.MAX_OPERATIONS + " operations", "more");
      }
      int opcode = in.u1();
      if (opcode == '.') {
        layout.end(opcodeAt, memo);
        return pop();
      }
      execute(opcode);
      if (MAKERS.indexOf(opcode) >= 0 && isObject(top())) {
        charge(48);
        layout.made(top(), in.position());
      }
    }
  }

  private static boolean isObject(PickleValue value) {
    return value instanceof Dict || value instanceof Inert;
  }

  /** Where the values that were read stand; complete once {@link #read} has returned. */
  PickleLayout layout() {
    return layout;
  }

  private void execute(int opcode) {
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> {
        charge(48);
        layout.frame(in.position(), in.i8());
      }

      case 'N' -> push(None.NONE);
      case 0x88 -> push(Bool.TRUE);
      case 0x89 -> push(Bool.FALSE);
      case 'J' -> push(new Int(in.i4()));
      case 'K' -> push(new Int(in.u1()));
      case 'M' -> push(new Int(in.u2()));
      case 0x8a -> push(integer(in.bigInteger(limited(in.u1(), LONGEST_INTEGER, "an integer"))));
      case 0x8b -> push(integer(in.bigInteger(limited(in.u4(), LONGEST_INTEGER, "an integer"))));
      case 'I', 'L' -> push(textualInteger());
      case 'G' -> push(new Real(in.bigEndianDouble()));
      case 'F' -> push(textualFloat());

      case 'X' -> push(text(in.u4()));
      case 0x8c -> push(text(in.u1()));
      case 0x8d -> push(text(in.i8()));
      case 'T' -> push(nativeString(in.u4()));
      case 'U' -> push(nativeString(in.u1()));
      case 'B' -> push(bytes(in.u4()));
      case 'C' -> push(bytes(in.u1()));
      case 0x8e -> push(bytes(in.i8()));
      case 0x96 -> push(byteArray(in.i8()));

      case ')' -> push(Tuple.EMPTY);
      case 't' -> push(tuple(popMark()));
      case 0x85 -> push(tuple(List.of(pop())));
      case 0x86 -> push(tuple(popSeveral(2)));
      case 0x87 -> push(tuple(popSeveral(3)));
      case ']' -> push(charged(new ListValue(), 32));
      case 'l' -> push(append(charged(new ListValue(), 32), popMark()));
      case '}' -> push(charged(new Dict(Dict.Kind.PLAIN), 40));
      case 'd' -> push(setItems(charged(new Dict(Dict.Kind.PLAIN), 40), popMark()));
      case 0x8f -> push(charged(new SetValue(SetValue.Kind.SET), 48));
      case 0x91 -> {
        List<PickleValue> items = popMark();
        SetValue set = charged(new SetValue(SetValue.Kind.FROZEN), 48);
        append(set.items(), items);
        push(set);
      }
      case 'a' -> {
        PickleValue item = pop();
        append(top(), List.of(item));
      }
      case 'e' -> {
        List<PickleValue> items = popMark();
        append(top(), items);
      }
      case 's' -> {
        List<PickleValue> items = popSeveral(2);
        setItems(top(), items);
      }
      case 'u' -> {
        List<PickleValue> items = popMark();
        setItems(top(), items);
      }
      case 0x90 -> {
        List<PickleValue> items = popMark();
        if (!(top() instanceof SetValue set)) {
          throw malformed("a set to add to", Descriptions.of(top()));
        }
        append(set.items(), items);
      }

      case '(' -> mark();
      case '0' -> popOrMark();
      case '1' -> popMark();
      case '2' -> {
        layout.repeat();
        push(top());
      }

      case 'q' -> memoize(in.u1());
      case 'r' -> memoize(in.u4());
      case 'p' -> memoize(textualIndex());
      case 0x94 -> {
        charge(12);
        layout.count(opcodeAt, memoized);
        memoize(memoized);
      }
      case 'h' -> push(memoized(in.u1()));
      case 'j' -> push(memoized(in.u4()));
      case 'g' -> push(memoized(textualIndex()));

      case 'c' -> push(global(line(), line()));
      case 0x93 -> stackGlobal();
      case 'i' -> {
        Global type = global(line(), line());
        instantiate(type, tuple(popMark()));
      }
      case 'o' -> {
        List<PickleValue> parts = popMark();
        if (parts.isEmpty()) {
          throw malformed("a class", "nothing");
        }
        instantiate(parts.get(0), tuple(parts.subList(1, parts.size())));
      }
      case 'R' -> reduce();
      case 0x81 -> newObject();
      case 0x92 -> newObjectWithKeywords();
      case 'b' -> build();
      case 'Q' -> push(persistentIds.load(pop(), problem()));

      default ->
          throw unsupported(
              "an operation of protocols 0 to 5 that a checkpoint uses",
              "opcode 0x%02x".formatted(opcode));
    }
  }

  private void protocol() {
    int version = in.u1();
    if (version > 5) {
      throw unsupported("pickle protocol 0 to 5", "protocol " + version);
    }
  }

  // ------------------------------------------------------------------ scalars

  private static PickleValue integer(BigInteger value) {
    return value.bitLength() < Long.SIZE ? new Int(value.longValue()) : new BigInt(value);
  }

  private PickleValue textualInteger() {
    String line = line();
    if (line.equals("00") || line.equals("01")) {
      return Bool.of(line.equals("01"));
    }
    try {
      return integer(
          new BigInteger(line.endsWith("L") ? line.substring(0, line.length() - 1) : line));
    } catch (NumberFormatException e) {
      throw malformed("a decimal integer", "'" + Descriptions.shortened(line) + "'");
    }
  }

  private PickleValue textualFloat() {
    String line = line();
    try {
      return new Real(Double.parseDouble(line));
    } catch (NumberFormatException e) {
      throw malformed("a decimal number", "'" + Descriptions.shortened(line) + "'");
    }
  }

  private long textualIndex() {
    String line = line();
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      throw malformed("a memo index", "'" + Descriptions.shortened(line) + "'");
    }
  }

  private String line() {
    return new String(in.line(LONGEST_LINE), StandardCharsets.UTF_8);
  }

  private Text text(long length) {
    return charged(new Text(utf8(payload(length))), 64 + length);
  }

  /** A Python 2 str: text where it is UTF-8, else Latin-1, as {@code torch.load} falls back to. */
  private Text nativeString(long length) {
    byte[] payload = payload(length);
    String decoded;
    try {
      decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException e) {
      decoded = new String(payload, StandardCharsets.ISO_8859_1);
    }
    return charged(new Text(decoded), 64 + length);
  }

  private String utf8(byte[] payload) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException e) {
      throw malformed("UTF-8 text", "other bytes");
    }
  }

  /** A bytearray: as protocols before 5 make one. */
  private Call byteArray(long length) {
    return charged(
        new Call(new Global("builtins", "bytearray"), new Tuple(List.of(bytes(length)))), 160);
  }

  private Bytes bytes(long length) {
    return charged(new Bytes(payload(length)), 40 + length);
  }

  private byte[] payload(long length) {
    if (length < 0 || length > in.remaining()) {
      throw malformed(
          "a string of at most the " + in.remaining() + " bytes left", length + " bytes");
    }
    charge(length);
    return in.bytes(length);
  }

  private int limited(long length, int most, String what) {
    if (length > most) {
      throw tooLarge(what + " of at most " + most + " bytes", length + " bytes");
    }
    return (int) length;
  }

  // --------------------------------------------------------------- containers

  private Tuple tuple(List<PickleValue> items) {
    return nested(charged(new Tuple(items), 40 + 4L * items.size()));
  }

  private PickleValue append(PickleValue target, List<PickleValue> items) {
    charge(8L * items.size());
    if (target instanceof ListValue list) {
      items.forEach(list::add);
    } else if (!(target instanceof Inert)) {
      throw malformed("a list to append to", Descriptions.of(target));
    }
    return nested(target);
  }

  private PickleValue setItems(PickleValue target, List<PickleValue> items) {
    if (items.size() % 2 != 0) {
      throw malformed("pairs of keys and values", items.size() + " items");
    }
    charge(60L * items.size());
    for (int i = 0; i < items.size(); i += 2) {
      if (target instanceof Dict dict) {
        dict.put(items.get(i), items.get(i + 1));
      } else if (target instanceof Inert inert) {
        inert.put(items.get(i), items.get(i + 1));
      } else {
        throw malformed("a dict to put items into", Descriptions.of(target));
      }
    }
    return nested(target);
  }

  private <T extends PickleValue> T nested(T value) {
    if (value.depth() > TorchFormat.MAX_DEPTH) {
      throw tooLarge("containers nested at most " + TorchFormat.MAX_DEPTH + " deep", "deeper ones");
    }
    return value;
  }

  // ----------------------------------------------------------- stack and memo

  private void push(PickleValue value) {
    if (stack.size() >= TorchFormat.MAX_STACK) {
      throw tooLarge("at most " + TorchFormat.MAX_STACK + " values on the stack", "more");
    }
    stack.add(value);
  }

  private PickleValue pop() {
    requireItems(1);
    return stack.remove(stack.size() - 1);
  }

  private PickleValue top() {
    requireItems(1);
    return stack.get(stack.size() - 1);
  }

  private void requireItems(int count) {
    int bottom = markCount == 0 ? 0 : marks[markCount - 1];
    if (stack.size() - bottom < count) {
      throw malformed(
          count + " values on the stack", (stack.size() - bottom) + " since the last mark");
    }
  }

  private List<PickleValue> popSeveral(int count) {
    requireItems(count);
    return popFrom(stack.size() - count);
  }

  private List<PickleValue> popMark() {
    if (markCount == 0) {
      throw malformed("a mark on the stack", "none");
    }
    return popFrom(marks[--markCount]);
  }

  private List<PickleValue> popFrom(int from) {
    List<PickleValue> tail = stack.subList(from, stack.size());
    List<PickleValue> items = List.copyOf(tail);
    tail.clear();
    return items;
  }

  private void mark() {
    if (markCount == TorchFormat.MAX_MARKS) {
      throw tooLarge("at most " + TorchFormat.MAX_MARKS + " open marks", "more");
    }
    if (markCount == marks.length) {
      marks = Arrays.copyOf(marks, markCount * 2);
    }
    marks[markCount++] = stack.size();
  }

  private void popOrMark() {
    if (markCount > 0 && marks[markCount - 1] == stack.size()) {
      markCount--;
    } else {
      pop();
    }
  }

  private void memoize(long index) {
    PickleValue value = top();
    if (index < 0 || index >= TorchFormat.MAX_MEMO) {
      throw tooLarge("a memo index below " + TorchFormat.MAX_MEMO, String.valueOf(index));
    }
    int slot = (int) index;
    if (slot >= memo.length) {
      memo =
          Arrays.copyOf(memo, Math.min(TorchFormat.MAX_MEMO, Math.max(slot + 1, memo.length * 2)));
    }
    if (memo[slot] != null) {
      layout.repeat();
    }
    memo[slot] = value;
    layout.memoized(value);
    memoized++;
  }

  private PickleValue memoized(long index) {
    PickleValue value = index >= 0 && index < memo.length ? memo[(int) index] : null;
    if (value == null) {
      throw malformed("a memo index that was written before", String.valueOf(index));
    }
    layout.recall((int) index);
    return value;
  }

  // --------------------------------------------------------- calls and objects

  private Global global(String module, String name) {
    charge(96);
    Global global = new Global(module, name);
    ForbiddenNames.check(global, problem());
    layout.name(global);
    return global;
  }

  private void stackGlobal() {
    List<PickleValue> names = popSeveral(2);
    if (names.get(0) instanceof Text module && names.get(1) instanceof Text name) {
      push(global(module.value(), name.value()));
    } else {
      throw malformed("a module and a name", Descriptions.of(names.get(0)));
    }
  }

  private void reduce() {
    List<PickleValue> operands = popSeveral(2);
    charge(160);
    push(nested(calls.call(operands.get(0), arguments(operands.get(1)), problem())));
  }

  private void newObject() {
    List<PickleValue> operands = popSeveral(2);
    instantiate(operands.get(0), arguments(operands.get(1)));
  }

  private void newObjectWithKeywords() {
    List<PickleValue> operands = popSeveral(3);
    instantiate(operands.get(0), arguments(operands.get(1)));
  }

  private void instantiate(PickleValue type, Tuple arguments) {
    charge(96);
    push(nested(calls.instance(type, arguments, problem())));
  }

  private void build() {
    List<PickleValue> operands = popSeveral(2);
    if (operands.get(0) instanceof PickleValue.Instance object) {
      charge(60 * object.copied(operands.get(1)));
    }
    push(nested(calls.build(operands.get(0), operands.get(1), problem())));
  }

  private Tuple arguments(PickleValue value) {
    if (value instanceof Tuple tuple) {
      return tuple;
    }
    throw malformed("a tuple of arguments", Descriptions.of(value));
  }

  // -------------------------------------------------------------------- errors

  private <T> T charged(T value, long bytes) {
    charge(bytes);
    return value;
  }

  private void charge(long bytes) {
    heap += bytes;
    if (heap > TorchFormat.MAX_HEAP) {
      throw tooLarge("values of at most " + (TorchFormat.MAX_HEAP >> 20) + " MB in memory", "more");
    }
  }

  private Problem problem() {
    return in.problemAt(opcodeAt).inside("pickle");
  }

  private MalformedFileException malformed(String expected, String found) {
    return new MalformedFileException(problem().expected(expected).found(found));
  }

  private TooLargeException tooLarge(String expected, String found) {
    return new TooLargeException(problem().expected(expected).found(found));
  }

  private UnsupportedFormatException unsupported(String expected, String found) {
    return new UnsupportedFormatException(problem().expected(expected).found(found));
  }
}
