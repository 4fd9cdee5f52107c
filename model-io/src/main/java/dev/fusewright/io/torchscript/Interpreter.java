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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Follows the code of an archive over its objects, calls inlined, and gathers the operators that it
 * would run. Nothing is computed but numbers and flags that are the same for every input.
 *
 * <p>Where a condition is not known both branches are followed, and what either assigns is merged;
 * a loop's body is followed once, what it carries around being new values. What is not understood
 * becomes an operator that nobody knows, with everything that it may read.
 */
final class Interpreter {
  private static final String FORWARD = "forward";
  private static final String TRAINING = "training";
  private static final Set<String> DROPOUTS =
      Set.of("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout");
  private static final Expression.Call NO_CALL =
      new Expression.Call(new Expression.Name("", 0, 0), List.of(), List.of(), 0, 0);

  /** How a block ends. */
  private enum End {
    REACHED,
    RAISED
  }

  private final ScriptArchive archive;
  private final ProgramBuilder program;
  private final String label;
  private final Lookups lookups;
  private final Set<String> assigned = new HashSet<>();
  private final List<Traced.Invocation> invocations = new ArrayList<>();
  private final Set<Value.Place> outsideReads = new LinkedHashSet<>();
  private final Set<Definition> followed = new LinkedHashSet<>();
  private final Set<String> tensors = new HashSet<>();
  private Value.@Nullable Ref state;
  private int region;
  private int regions;
  private int depth;
  private long calls;

  private Interpreter(ScriptArchive archive) {
    this.archive = archive;
    this.label = archive.file().label();
    this.lookups = new Lookups(archive.files().values());
    this.program = new ProgramBuilder(label, TorchScriptFormat.MOST_OPERATORS);
  }

  /** What an archive's code runs. */
  static Traced follow(ScriptArchive archive) {
    return new Interpreter(archive).follow();
  }

  private Traced follow() {
    program.objects(archive.objects());
    program.constants(archive.constants());
    for (CodeFile file : archive.files().values()) {
      for (ClassText type : file.parsed().classes()) {
        type.methods().forEach(this::findAssigned);
      }
      file.parsed().functions().forEach(this::findAssigned);
    }
    if (!(archive.objects() instanceof Pickled.Instance root)) {
      throw unsupported("a module", "another value");
    }
    CodeFile.PlacedClass type = archive.classes().get(root.className());
    if (type == null || !type.text().isModule()) {
      throw unsupported("the code of the class '" + root.className() + "'", "none");
    }
    List<Definition> entries = new ArrayList<>(type.text().methods());
    Definition forward = type.text().method(FORWARD);
    if (forward != null) {
      entries.remove(forward);
      entries.add(0, forward);
    }
    for (Definition entry : entries) {
      // What PyTorch's own models call their inner steps is no entry of its own.
      if (!(entry.name().startsWith("_") && followed.contains(entry))) {
        enter(new Value.Module(root, ""), type.file(), entry);
      }
    }
    return program.traced(1, invocations, outsideReads, followed);
  }

  private UnsupportedFormatException unsupported(String expected, String found) {
    return new UnsupportedFormatException(
        Problem.in(label).inside("data.pkl").expected(expected).found(found));
  }

  private void findAssigned(Definition definition) {
    List<Statement> open = new ArrayList<>(definition.body());
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      if (next instanceof Statement.Assign assign) {
        for (Expression target : assign.targets()) {
          if (target instanceof Expression.Attribute attribute) {
            assigned.add(attribute.name());
          }
        }
      }
    }
  }

  private void enter(Value.Module root, CodeFile file, Definition entry) {
    String prefix = entry.name().equals(FORWARD) ? "" : entry.name() + ".";
    List<@Nullable TensorMeta> examples = examples(entry.name());
    List<Value> arguments = new ArrayList<>();
    List<Definition.Parameter> given =
        entry
            .parameters()
            .subList(Math.min(1, entry.parameters().size()), entry.parameters().size());
    for (int i = 0; i < given.size(); i++) {
      TensorMeta example = i < examples.size() ? examples.get(i) : null;
      Value.Ref input = program.input(prefix + given.get(i).name(), example);
      if (given.get(i).type() instanceof Expression.Name type && type.id().equals("Tensor")) {
        tensors.add(input.name());
      }
      arguments.add(input);
    }
    Value result = call(entry, file, root, arguments, Map.of(), null, NO_CALL);
    invocations.add(new Traced.Invocation(root, entry, arguments, result));
    reads(List.of(result)).forEach(program::output);
  }

  /** What a method was traced with. */
  private List<@Nullable TensorMeta> examples(String method) {
    Pickled examples = unwrapped(archive.examples());
    List<@Nullable TensorMeta> metas = new ArrayList<>();
    if (examples instanceof Pickled.Mapping map) {
      for (Pickled.Entry entry : map.entries()) {
        if (entry.name().equals(method)
            && unwrapped(entry.value()) instanceof Pickled.Sequence list) {
          for (Pickled item : list.items()) {
            ScriptTensor tensor = ScriptTensor.of(item, "");
            metas.add(tensor == null ? null : tensor.meta());
          }
        }
      }
    }
    return metas;
  }

  private static @Nullable Pickled unwrapped(@Nullable Pickled value) {
    if (value instanceof Pickled.Reduced call
        && call.calls("torch.jit._pickle.restore_type_tag")
        && call.arguments() instanceof Pickled.Tuple tuple
        && !tuple.items().isEmpty()) {
      return tuple.items().get(0);
    }
    return value;
  }

  // ------------------------------------------------------------ calls

  private void deeper() {
    if (++depth > TorchScriptFormat.DEEPEST_CODE) {
      throw new TooLargeException(
          Problem.in(label)
              .inside("code")
              .expected("calls nested at most " + TorchScriptFormat.DEEPEST_CODE + " deep")
              .found("deeper ones"));
    }
  }

  private Value call(
      Definition definition,
      CodeFile file,
      Value.@Nullable Module self,
      List<Value> given,
      Map<String, Value> named,
      @Nullable Frame caller,
      Expression.Call call) {
    if (++calls > TorchScriptFormat.MOST_CALLS) {
      throw new TooLargeException(
          Problem.in(label)
              .inside("code")
              .expected("at most " + TorchScriptFormat.MOST_CALLS + " calls")
              .found("more"));
    }
    deeper();
    followed.add(definition);
    Frame frame = new Frame(self, file, definition, caller, call);
    List<Definition.Parameter> parameters = definition.parameters();
    int first = self == null ? 0 : 1;
    boolean fits = given.size() + first <= parameters.size() && definition.isUnderstood();
    if (self != null && fits) {
      frame.names().put(parameters.get(0).name(), self);
    }
    for (int i = first; i < parameters.size() && fits; i++) {
      Definition.Parameter parameter = parameters.get(i);
      Expression absent = parameter.absent();
      Value value = i - first < given.size() ? given.get(i - first) : named.get(parameter.name());
      if (value == null && absent != null) {
        value = evaluate(absent, frame, 1);
      }
      fits = value != null;
      if (value != null) {
        frame.names().put(parameter.name(), value);
      }
    }
    Value result;
    if (!fits) {
      List<Value> all = new ArrayList<>(given);
      all.addAll(named.values());
      if (self != null) {
        all.add(self);
      }
      losesItems(all, frame);
      Set<String> reads = new LinkedHashSet<>(reads(all));
      reads.addAll(program.constantNames());
      result =
          program
              .unknown(
                  definition.name(), List.copyOf(reads), 1, caller == null ? frame : caller, call)
              .get(0);
    } else {
      result = Value.Known.of(null);
      int end = definition.body().size();
      boolean returns = end > 0 && definition.body().get(end - 1) instanceof Statement.Return;
      End reached =
          block(returns ? definition.body().subList(0, end - 1) : definition.body(), frame);
      if (reached == End.RAISED) {
        result = new Value.Blank();
      } else if (returns) {
        Expression value = ((Statement.Return) definition.body().get(end - 1)).value();
        result = value == null ? result : evaluate(value, frame, 1);
      }
    }
    depth--;
    return result;
  }

  // ------------------------------------------------------------ statements

  private End block(List<Statement> statements, Frame frame) {
    deeper();
    End end = End.REACHED;
    for (Statement statement : statements) {
      end = execute(statement, frame);
      if (end == End.RAISED) {
        break;
      }
    }
    depth--;
    return end;
  }

  private End execute(Statement statement, Frame frame) {
    if (statement instanceof Statement.Assign assign) {
      Expression target = assign.targets().get(0);
      int expected =
          target instanceof Expression.Sequence several ? Math.max(1, several.items().size()) : 1;
      assign(target, evaluate(assign.value(), frame, expected), frame);
    } else if (statement instanceof Statement.Evaluate one) {
      if (one.value() instanceof Expression.Call call
          && call.function().dotted().equals("ops.prim.RaiseException")) {
        return End.RAISED;
      }
      evaluate(one.value(), frame, 1);
    } else if (statement instanceof Statement.If choice) {
      return choose(choice, frame);
    } else if (statement instanceof Statement.While loop) {
      repeat(frame, loop.body(), null, null, loop.condition());
    } else if (statement instanceof Statement.For loop) {
      repeat(frame, loop.body(), loop.target(), loop.items(), null);
    }
    return End.REACHED;
  }

  private void assign(Expression target, Value value, Frame frame) {
    if (target instanceof Expression.Name name) {
      frame.names().put(name.id(), value);
    } else if (target instanceof Expression.Sequence several) {
      List<Value> parts = parts(value, several.items().size(), frame);
      for (int i = 0; i < several.items().size(); i++) {
        assign(several.items().get(i), parts.get(i), frame);
      }
    } else {
      List<Value> used = new ArrayList<>(List.of(value, state()));
      for (Expression part : target.parts()) {
        Value base = evaluate(part, frame, 1);
        boolean isOwner = target instanceof Expression.Attribute && base instanceof Value.Module;
        if (!isOwner) { // An object gets another attribute; what it has keeps its values.
          used.add(base);
        }
      }
      program.unknown("assignment", reads(used), 1, frame, NO_CALL);
    }
  }

  /** What stands for all that the code assigns to attributes. */
  private Value.Ref state() {
    Value.Ref known = state;
    if (known == null) {
      known = program.input("state", null);
      state = known;
    }
    return known;
  }

  private List<Value> parts(Value value, int count, Frame frame) {
    if (value instanceof Value.Items items && items.isList() && items.items().size() == count) {
      return items.items();
    }
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(
          value instanceof Value.Blank
              ? new Value.Blank()
              : program.gather("item", reads(List.of(value)), frame, NO_CALL));
    }
    return parts;
  }

  private End choose(Statement.If choice, Frame frame) {
    Value condition = evaluate(choice.condition(), frame, 1);
    if (condition instanceof Value.Known known
        && known.value() instanceof Boolean flag
        && known.certainty() == Value.Certainty.ALWAYS) {
      Value.Place place = known.place();
      if (place != null && !place.attribute().equals(TRAINING)) {
        assumeSaved(place);
      }
      return block(flag ? choice.then() : choice.otherwise(), frame);
    }
    int outer = region;
    Map<String, Value> before = new HashMap<>(frame.names());
    region = ++regions;
    End first = block(choice.then(), frame);
    Map<String, Value> then = new HashMap<>(frame.names());
    frame.names().clear();
    frame.names().putAll(before);
    region = ++regions;
    End second = block(choice.otherwise(), frame);
    region = outer;
    if (first == End.RAISED || second == End.RAISED) {
      if (second == End.RAISED && first == End.REACHED) {
        frame.names().clear();
        frame.names().putAll(then);
      }
      return first == second ? End.RAISED : End.REACHED;
    }
    Map<String, Value> otherwise = new HashMap<>(frame.names());
    for (String name : new TreeSet<>(then.keySet())) {
      Value other = otherwise.get(name);
      Value one = then.get(name);
      if (one != null && other != null && !one.equals(other)) {
        frame.names().put(name, merged(one, other, condition, frame));
      }
    }
    return End.REACHED;
  }

  private Value merged(Value one, Value other, Value condition, Frame frame) {
    if (one instanceof Value.Known a && other instanceof Value.Known b) {
      boolean isSame = Objects.equals(a.value(), b.value());
      if (isSame) {
        return new Value.Known(
            a.value(),
            null,
            a.certainty() == b.certainty() ? a.certainty() : Value.Certainty.EXAMPLE);
      }
    }
    if (isNumber(one) && isNumber(other)) {
      return new Value.Blank();
    }
    return program.gather("merge", reads(List.of(one, other, condition)), frame, NO_CALL);
  }

  private static boolean isNumber(Value value) {
    return value instanceof Value.Blank || (value instanceof Value.Known known && !known.isNone());
  }

  private void repeat(
      Frame frame,
      List<Statement> body,
      @Nullable Expression target,
      @Nullable Expression items,
      @Nullable Expression condition) {
    int outer = region;
    int first = program.size();
    Value source = items == null ? new Value.Blank() : range(items, frame);
    Set<String> carried = new TreeSet<>(assignedNames(body));
    carried.retainAll(frame.names().keySet());
    Map<String, Value> entered = new HashMap<>();
    for (String name : carried) {
      Value entry = again("enter", List.of(known(frame, name)), frame);
      entered.put(name, entry);
      frame.names().put(name, entry);
    }
    if (target instanceof Expression.Name name) {
      frame.names().put(name.id(), again("item", List.of(source), frame));
    }
    Value going = condition == null ? new Value.Blank() : evaluate(condition, frame, 1);
    Map<String, Value> before = new HashMap<>(frame.names());
    region = ++regions;
    End end = block(body, frame);
    region = outer;
    if (program.writesSince(first)) {
      program.gather("again", program.readSince(first), frame, NO_CALL);
    }
    Map<String, Value> after = new HashMap<>(frame.names());
    frame.names().clear();
    frame.names().putAll(before);
    for (String name : carried) {
      Value entry = entered.getOrDefault(name, new Value.Blank());
      Value last = end == End.RAISED ? entry : after.getOrDefault(name, entry);
      frame.names().put(name, again("leave", List.of(entry, last, going), frame));
    }
  }

  private static Value known(Frame frame, String name) {
    Value value = frame.names().get(name);
    return value == null ? new Value.Blank() : value;
  }

  /** A value that may be another each time; a number stays one that comes from shapes alone. */
  private Value again(String what, List<Value> values, Frame frame) {
    return values.stream().allMatch(Interpreter::isNumber)
        ? new Value.Blank()
        : program.gather(what, reads(values), frame, NO_CALL);
  }

  private Value range(Expression items, Frame frame) {
    if (items instanceof Expression.Call call && call.function().dotted().equals("range")) {
      List<Value> bounds = new ArrayList<>();
      call.arguments().forEach(bound -> bounds.add(evaluate(bound, frame, 1)));
      return again("range", bounds, frame);
    }
    return evaluate(items, frame, 1);
  }

  private static Set<String> assignedNames(List<Statement> body) {
    Set<String> names = new HashSet<>();
    List<Statement> open = new ArrayList<>(body);
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      List<Expression> targets = new ArrayList<>();
      if (next instanceof Statement.Assign assign) {
        targets.addAll(assign.targets());
      } else if (next instanceof Statement.For loop) {
        targets.add(loop.target());
      }
      while (!targets.isEmpty()) {
        Expression target = targets.remove(targets.size() - 1);
        if (target instanceof Expression.Name name) {
          names.add(name.id());
        } else if (target instanceof Expression.Sequence several) {
          targets.addAll(several.items());
        }
      }
    }
    return names;
  }

  // ------------------------------------------------------------ expressions

  private Value evaluate(Expression expression, Frame frame, int expected) {
    deeper();
    Value value = value(expression, frame, expected);
    depth--;
    return value;
  }

  private Value value(Expression expression, Frame frame, int expected) {
    if (expression instanceof Expression.Literal literal) {
      return Value.Known.of(literal.value());
    } else if (expression instanceof Expression.Name name) {
      return name(name, frame);
    } else if (expression instanceof Expression.Attribute attribute) {
      return attribute(attribute, frame);
    } else if (expression instanceof Expression.Call call) {
      return call(call, frame, expected);
    } else if (expression instanceof Expression.Sequence sequence) {
      List<Value> items = new ArrayList<>();
      sequence.items().forEach(item -> items.add(evaluate(item, frame, 1)));
      return new Value.Items(items, region);
    } else if (expression instanceof Expression.Negative negative) {
      Value operand = evaluate(negative.operand(), frame, 1);
      Value.Known known = Scalars.compute("neg", List.of(operand));
      return known != null ? known : again("negative", List.of(operand), frame);
    } else if (expression instanceof Expression.Subscript subscript) {
      Value base = evaluate(subscript.base(), frame, 1);
      Value index = evaluate(subscript.index(), frame, 1);
      return item(base, index, frame);
    } else if (expression.parts().isEmpty()) {
      return Value.Items.dict(Map.of(), region);
    }
    List<Value> parts = new ArrayList<>();
    expression.parts().forEach(part -> parts.add(evaluate(part, frame, 1)));
    return program.gather("dict", reads(parts), frame, NO_CALL);
  }

  private Value name(Expression.Name name, Frame frame) {
    Value value = frame.names().get(name.id());
    if (value != null) {
      return value;
    }
    return switch (name.id()) {
      case "inf" -> Value.Known.of(Double.POSITIVE_INFINITY);
      case "nan" -> Value.Known.of(Double.NaN);
      default -> program.unknown(name.id(), List.of(state().name()), 1, frame, NO_CALL).get(0);
    };
  }

  private Value item(Value base, Value index, Frame frame) {
    if (base instanceof Value.Items items && items.isDict() && isKey(index)) {
      Value found = items.get(key(index));
      if (found != null) {
        return found;
      }
    }
    if (base instanceof Value.Items items
        && items.isList()
        && index instanceof Value.Known known
        && known.value() instanceof Long number
        && known.certainty() == Value.Certainty.ALWAYS) {
      long at = number < 0 ? number + items.items().size() : number;
      if (at >= 0 && at < items.items().size()) {
        return items.items().get((int) at);
      }
    }
    return again("item", List.of(base, index), frame);
  }

  /** Whether a value is a key of dicts, and always the same. */
  private static boolean isKey(Value value) {
    return value instanceof Value.Known known
        && known.certainty() == Value.Certainty.ALWAYS
        && (known.value() instanceof String || known.value() instanceof Long);
  }

  private static Object key(Value value) {
    return Objects.requireNonNull(((Value.Known) value).value());
  }

  private Value attribute(Expression.Attribute attribute, Frame frame) {
    String dotted = attribute.dotted();
    if (dotted.startsWith("CONSTANTS.c") && !frame.names().containsKey("CONSTANTS")) {
      return constant(dotted, frame);
    } else if (dotted.startsWith("__torch__.")) {
      return new Value.Function(dotted);
    }
    Value base = evaluate(attribute.base(), frame, 1);
    return base instanceof Value.Module module
        ? member(module, attribute.name(), frame)
        : again("attribute", List.of(base), frame);
  }

  private Value constant(String dotted, Frame frame) {
    String number = dotted.substring("CONSTANTS.c".length());
    int index = number.matches("[0-9]{1,8}") ? Integer.parseInt(number) : -1;
    return index >= 0 && index < archive.constants().size()
        ? stored(archive.constants().get(index), null, frame)
        : program.unknown("constant", program.constantNames(), 1, frame, NO_CALL).get(0);
  }

  private Value member(Value.Module module, String name, Frame frame) {
    Value.Module self = frame.self();
    Value.Place place = new Value.Place(module.instance(), name, module.path());
    if (self == null || self.instance() != module.instance()) {
      outsideReads.add(place);
    }
    if (assigned.contains(name)) {
      return program.unknown("attribute", List.of(state().name()), 1, frame, NO_CALL).get(0);
    }
    Pickled stored = module.instance().attribute(name);
    if (stored != null) {
      return stored(stored, place, frame);
    }
    CodeFile.PlacedClass type = archive.classes().get(module.instance().className());
    ClassText.Field field = type == null ? null : type.text().field(name);
    Expression value = field == null ? null : field.value();
    return value != null
        ? evaluate(value, new Frame(null, frame.file(), frame.definition(), frame, NO_CALL), 1)
        : program
            .unknown("attribute", program.parametersBelow(module.instance()), 1, frame, NO_CALL)
            .get(0);
  }

  /** A value of the archive. */
  private Value stored(Pickled value, Value.@Nullable Place place, Frame frame) {
    String parameter = program.parameter(value);
    if (parameter != null) {
      tensors.add(parameter);
      return new Value.Ref(parameter);
    } else if (value instanceof Pickled.Instance object) {
      CodeFile.PlacedClass type = archive.classes().get(object.className());
      if (type != null && type.text().isModule()) {
        return new Value.Module(object, program.path(object));
      }
    } else if (value instanceof Pickled.Scalar scalar) {
      return new Value.Known(scalar.value(), place, Value.Certainty.ALWAYS);
    } else if (value instanceof Pickled.Text text) {
      return new Value.Known(text.value(), place, Value.Certainty.ALWAYS);
    } else if (value instanceof Pickled.Tuple tuple) {
      return new Value.Items(
          tuple.items().stream().map(item -> stored(item, null, frame)).toList(), region);
    } else if (value instanceof Pickled.Reduced call
        && (call.calls("torch.jit._pickle.build_intlist")
            || call.calls("torch.jit._pickle.build_doublelist"))
        && call.arguments() instanceof Pickled.Tuple arguments
        && arguments.items().size() == 1
        && arguments.items().get(0) instanceof Pickled.Sequence list
        && list.items().stream().allMatch(Pickled.Scalar.class::isInstance)) {
      return new Value.Items(
          list.items().stream().map(item -> stored(item, null, frame)).toList(), region);
    }
    if (place != null && untagged(value) instanceof Pickled.Mapping dict) {
      Value.Items read = constantDict(dict, place);
      if (read != null) {
        return read;
      }
    }
    // Two reads of one such value may be of the same memory.
    return program.unknown("stored", List.of(state().name()), 1, frame, NO_CALL).get(0);
  }

  /** A container that is kept with the name of its type. */
  private static Pickled untagged(Pickled value) {
    return value instanceof Pickled.Reduced call
            && call.calls("torch.jit._pickle.restore_type_tag")
            && call.arguments() instanceof Pickled.Tuple arguments
            && !arguments.items().isEmpty()
        ? arguments.items().get(0)
        : value;
  }

  /** A dict of texts and numbers that no code changes; null if it is another. */
  private Value.@Nullable Items constantDict(Pickled.Mapping dict, Value.Place place) {
    Map<Object, Value> entries = new LinkedHashMap<>();
    for (Pickled.Entry entry : dict.entries()) {
      Object key = constant(entry.key());
      Object value = constant(entry.value());
      if (key == null || value == null || entries.put(key, Value.Known.of(value)) != null) {
        return null;
      }
    }
    if (entries.isEmpty() || !lookups.isOnlyLookedUp(place.attribute())) {
      return null;
    }
    assumeSaved(place);
    return Value.Items.dict(entries, region);
  }

  private void assumeSaved(Value.Place place) {
    program.assume("%s is what it was when the model was saved".formatted(place.qualified()));
  }

  /** A text or a whole number; null if it is neither. */
  private static @Nullable Object constant(Pickled value) {
    if (value instanceof Pickled.Text text) {
      return text.value();
    }
    return value instanceof Pickled.Scalar scalar && scalar.value() instanceof Long number
        ? number
        : null;
  }

  // ------------------------------------------------------------ call expressions

  private Value call(Expression.Call call, Frame frame, int expected) {
    String dotted = call.function().dotted();
    String head = dotted.contains(".") ? dotted.substring(0, dotted.indexOf('.')) : dotted;
    boolean isOwn = !frame.names().containsKey(head);
    if (isOwn && call.function() instanceof Expression.Name name) {
      return builtin(name.id(), call, frame, expected);
    }
    if (isOwn && head.equals("__torch__")) {
      return function(dotted, call, frame, expected);
    }
    if (isOwn && (head.equals("torch") || head.equals("ops"))) {
      List<Value> arguments = arguments(call, frame);
      Map<String, Value> named = named(call, frame);
      return head.equals("torch")
          ? operator(dotted.substring("torch.".length()), arguments, named, call, frame, expected)
          : library(dotted.substring("ops.".length()), arguments, named, call, frame, expected);
    }
    if (call.function() instanceof Expression.Attribute method) {
      Value base = evaluate(method.base(), frame, 1);
      List<Value> arguments = arguments(call, frame);
      Map<String, Value> named = named(call, frame);
      if (base instanceof Value.Module module) {
        return method(module, method.name(), arguments, named, call, frame);
      }
      List<Value> all = new ArrayList<>(arguments);
      all.addAll(named.values());
      all.add(base);
      losesItems(all, frame);
      return results(program.unknown(method.name(), reads(all), expected, frame, call), expected);
    }
    Value function = evaluate(call.function(), frame, 1);
    if (function instanceof Value.Function known) {
      return function(known.qualified(), call, frame, expected);
    }
    List<Value> all = new ArrayList<>(arguments(call, frame));
    all.addAll(named(call, frame).values());
    all.add(function);
    losesItems(all, frame);
    return results(program.unknown("call", reads(all), expected, frame, call), expected);
  }

  private List<Value> arguments(Expression.Call call, Frame frame) {
    List<Value> values = new ArrayList<>();
    call.arguments().forEach(argument -> values.add(evaluate(argument, frame, 1)));
    return values;
  }

  private Map<String, Value> named(Expression.Call call, Frame frame) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (Expression.Keyword keyword : call.keywords()) {
      values.put(keyword.name(), evaluate(keyword.value(), frame, 1));
    }
    return values;
  }

  private Value results(List<Value.Ref> refs, int expected) {
    return expected == 1 ? refs.get(0) : new Value.Items(List.copyOf(refs), region);
  }

  private Value method(
      Value.Module module,
      String name,
      List<Value> arguments,
      Map<String, Value> named,
      Expression.Call call,
      Frame frame) {
    CodeFile.PlacedClass type = archive.classes().get(module.instance().className());
    Definition method = type == null ? null : type.text().method(name);
    if (type == null || method == null) {
      List<Value> all = new ArrayList<>(arguments);
      all.addAll(named.values());
      all.add(module);
      losesItems(all, frame);
      return program.unknown(name, reads(all), 1, frame, call).get(0);
    }
    Value result = call(method, type.file(), module, arguments, named, frame, call);
    Value.Module self = frame.self();
    if (self == null || self.instance() != module.instance()) {
      List<Value> all = new ArrayList<>(arguments);
      all.addAll(named.values());
      invocations.add(new Traced.Invocation(module, method, all, result));
    }
    return result;
  }

  private Value function(String qualified, Expression.Call call, Frame frame, int expected) {
    List<Value> arguments = arguments(call, frame);
    Map<String, Value> named = named(call, frame);
    CodeFile.PlacedFunction function = archive.functions().get(qualified);
    if (function != null) {
      return call(function.definition(), function.file(), null, arguments, named, frame, call);
    }
    List<Value> all = new ArrayList<>(arguments);
    all.addAll(named.values());
    losesItems(all, frame);
    return results(
        program.unknown(
            qualified.substring(qualified.lastIndexOf('.') + 1), reads(all), expected, frame, call),
        expected);
  }

  private Value builtin(String name, Expression.Call call, Frame frame, int expected) {
    List<Expression> given = call.arguments();
    switch (name) {
      case "annotate", "unchecked_cast" -> {
        if (given.size() == 2 && call.keywords().isEmpty()) {
          return evaluate(given.get(1), frame, expected);
        }
      }
      case "uninitialized" -> {
        return new Value.Blank();
      }
      case "getattr" -> {
        if (given.size() == 2
            && given.get(1) instanceof Expression.Literal literal
            && literal.value() instanceof String attribute) {
          Value base = evaluate(given.get(0), frame, 1);
          return base instanceof Value.Module module
              ? member(module, attribute, frame)
              : again("attribute", List.of(base), frame);
        }
      }
      case "int", "float", "bool", "str" -> {
        if (given.size() == 1) {
          return converted(name, evaluate(given.get(0), frame, 1), frame);
        }
      }
      default -> {}
    }
    List<Value> all = new ArrayList<>(arguments(call, frame));
    all.addAll(named(call, frame).values());
    all.add(state());
    return results(program.unknown(name, reads(all), expected, frame, call), expected);
  }

  private Value converted(String type, Value value, Frame frame) {
    if (value instanceof Value.Known known) {
      Object given = known.value();
      if (type.equals("int") && given instanceof Long) {
        return value;
      } else if (type.equals("float") && given instanceof String word) {
        Double special =
            switch (word) {
              case "inf" -> Double.POSITIVE_INFINITY;
              case "-inf" -> Double.NEGATIVE_INFINITY;
              case "nan" -> Double.NaN;
              default -> null;
            };
        return special == null ? new Value.Blank() : Value.Known.of(special);
      } else if (type.equals("float") && given instanceof Number number) {
        return new Value.Known(number.doubleValue(), known.place(), known.certainty());
      } else if (type.equals("bool") && given instanceof Boolean) {
        return value;
      }
      return new Value.Blank();
    }
    return again(type, List.of(value), frame);
  }

  private Value library(
      String name,
      List<Value> arguments,
      Map<String, Value> named,
      Expression.Call call,
      Frame frame,
      int expected) {
    if ((name.equals("prim.NumToTensor") || name.equals("prim.unchecked_unwrap_optional"))
        && arguments.size() == 1) {
      return arguments.get(0);
    } else if (name.startsWith("aten.")) {
      return operator(name.substring("aten.".length()), arguments, named, call, frame, expected);
    }
    return results(
        program.foreign(name, positional(arguments, named, frame), expected, frame, call),
        expected);
  }

  private Value operator(
      String name,
      List<Value> arguments,
      Map<String, Value> named,
      Expression.Call call,
      Frame frame,
      int expected) {
    Value simple = named.isEmpty() ? simple(name, arguments) : null;
    if (simple != null) {
      return simple;
    }
    Schemas.Schema schema = Schemas.find(name, arguments);
    List<AtenArgument> given;
    String target;
    if (schema == null) {
      given = positional(arguments, named, frame);
      target = name.contains(".") ? name : name + ".unknown";
      losesItems(arguments, frame);
    } else {
      given = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        given.add(
            ProgramBuilder.argument(schema.arguments().get(i), argument(arguments.get(i), frame)));
      }
      named.forEach(
          (key, value) -> given.add(ProgramBuilder.argument(key, argument(value, frame))));
      target = schema.target();
    }
    List<Value.Ref> refs = program.aten(target, given, expected, frame, call, arguments);
    if (target.startsWith("batch_norm.") && !arguments.isEmpty()) {
      // Whatever the code asks of the rank: behind a convolution PyTorch's compiler knows better.
      program.assumeRank(arguments.get(0));
    }
    if (schema != null) {
      refs.forEach(ref -> tensors.add(ref.name()));
    }
    return results(refs, expected);
  }

  private List<AtenArgument> positional(
      List<Value> arguments, Map<String, Value> named, Frame frame) {
    List<AtenArgument> given = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      given.add(ProgramBuilder.argument("arg" + i, argument(arguments.get(i), frame)));
    }
    named.forEach((key, value) -> given.add(ProgramBuilder.argument(key, argument(value, frame))));
    return given;
  }

  /** An operator that nobody knows may change the lists that it is given. */
  private void losesItems(List<Value> arguments, Frame frame) {
    for (Value argument : arguments) {
      if (argument instanceof Value.Items items && items.whole() == null) {
        items.lose(program.gather("list", reads(List.of(items)), frame, NO_CALL));
        losesItems(items.items(), frame);
      }
    }
  }

  /** What needs no operator: numbers, shapes, lists, and what only passes its argument. */
  private @Nullable Value simple(String name, List<Value> arguments) {
    Value.Known computed = Scalars.compute(name, arguments);
    if (computed != null) {
      return computed;
    }
    String plain = name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    if (DROPOUTS.contains(plain)
        && arguments.size() == 3
        && arguments.get(2) instanceof Value.Known known
        && Boolean.FALSE.equals(known.value())) {
      return arguments.get(0);
    }
    switch (name) {
      case "dim" -> {
        return arguments.size() == 1 ? rank(arguments.get(0)) : null;
      }
      case "size" -> {
        return arguments.isEmpty() ? null : size(arguments);
      }
      case "warn", "format" -> {
        return new Value.Blank();
      }
      case "len" -> {
        return arguments.size() != 1
            ? null
            : arguments.get(0) instanceof Value.Items items && items.whole() == null
                ? new Value.Known((long) items.items().size(), null, items.length())
                : new Value.Blank();
      }
      case "dict" -> {
        return arguments.isEmpty() ? Value.Items.dict(Map.of(), region) : null;
      }
      case "_set_item" -> {
        if (arguments.size() == 3
            && arguments.get(0) instanceof Value.Items items
            && items.isDict()
            && isKey(arguments.get(1))
            && items.region() == region) {
          items.put(key(arguments.get(1)), arguments.get(2));
          return items;
        }
        return null;
      }
      case "__contains__" -> {
        return arguments.size() == 2
                && arguments.get(0) instanceof Value.Items items
                && isKey(arguments.get(1))
            ? contains(items, arguments.get(1))
            : null;
      }
      case "append" -> {
        if (arguments.size() == 2
            && arguments.get(0) instanceof Value.Items items
            && items.isList()
            && items.region() == region) {
          items.items().add(arguments.get(1));
          return items;
        }
        return null;
      }
      case "__is__", "__isnot__" -> {
        return arguments.size() == 2 ? isNone(arguments, name.equals("__is__")) : null;
      }
      default -> {
        return Scalars.isOfNumbers(name) && arguments.stream().allMatch(this::isWithoutTensor)
            ? new Value.Blank()
            : null;
      }
    }
  }

  private boolean isWithoutTensor(Value value) {
    return value instanceof Value.Known
        || value instanceof Value.Blank
        || (value instanceof Value.Items items
            && items.whole() == null
            && items.items().stream().allMatch(this::isWithoutTensor));
  }

  /** Whether a dict has a key, or a list of constants a constant; null if that is not known. */
  private static Value.@Nullable Known contains(Value.Items items, Value key) {
    if (items.isDict()) {
      return Value.Known.of(items.get(key(key)) != null);
    }
    return items.isList() && items.items().stream().allMatch(Interpreter::isKey)
        ? Value.Known.of(items.items().stream().anyMatch(one -> key(one).equals(key(key))))
        : null;
  }

  private Value rank(Value tensor) {
    TensorMeta meta = tensor instanceof Value.Ref ref ? program.meta(ref.name()) : null;
    if (!(tensor instanceof Value.Ref ref) || meta == null) {
      return new Value.Blank();
    }
    long rank = meta.dims().size();
    return program.isExampleRank(ref.name()) ? Value.Known.example(rank) : Value.Known.of(rank);
  }

  private Value size(List<Value> arguments) {
    TensorMeta meta = arguments.get(0) instanceof Value.Ref ref ? program.meta(ref.name()) : null;
    if (meta == null) {
      return new Value.Blank();
    }
    List<Value> sizes = new ArrayList<>();
    for (Dim dim : meta.dims()) {
      sizes.add(
          dim instanceof Dim.Fixed fixed ? Value.Known.example(fixed.size()) : new Value.Blank());
    }
    if (arguments.size() == 1) {
      boolean isOpen =
          arguments.get(0) instanceof Value.Ref ref && program.isExampleRank(ref.name());
      return isOpen ? Value.Items.example(sizes, region) : new Value.Items(sizes, region);
    }
    if (arguments.get(1) instanceof Value.Known known && known.value() instanceof Long number) {
      long axis = number < 0 ? number + sizes.size() : number;
      if (axis >= 0 && axis < sizes.size()) {
        return sizes.get((int) axis);
      }
    }
    return new Value.Blank();
  }

  /** Whether a value is None; not known of what may be. */
  private Value isNone(List<Value> values, boolean expected) {
    boolean isFirst = values.get(1) instanceof Value.Known known && known.isNone();
    boolean isSecond = values.get(0) instanceof Value.Known known && known.isNone();
    if (!isFirst && !isSecond) {
      return new Value.Blank();
    }
    Value value = isFirst ? values.get(0) : values.get(1);
    if (value instanceof Value.Known known) {
      return new Value.Known(known.isNone() == expected, known.place(), Value.Certainty.ALWAYS);
    }
    boolean isSomething =
        value instanceof Value.Items
            || value instanceof Value.Module
            || (value instanceof Value.Ref ref && tensors.contains(ref.name()));
    return isSomething ? Value.Known.of(!expected) : new Value.Blank();
  }

  // ------------------------------------------------------------ what is read

  private AtenValue argument(Value value, Frame frame) {
    if (value instanceof Value.Ref ref) {
      return ProgramBuilder.tensor(ref.name());
    } else if (value instanceof Value.Known known) {
      Object given = known.value();
      return given instanceof Boolean flag
          ? new AtenValue.Flag(flag)
          : given instanceof Long whole
              ? new AtenValue.Whole(whole)
              : given instanceof Double real
                  ? new AtenValue.Real(real)
                  : given instanceof String word ? new AtenValue.Word(word) : new AtenValue.None();
    } else if (value instanceof Value.Items items && items.whole() == null) {
      return list(items, frame);
    }
    List<String> reads = new ArrayList<>(reads(List.of(value)));
    if (value instanceof Value.Blank blank) {
      reads.add(named(blank, frame));
    }
    return value instanceof Value.Items && reads.size() == 1
        ? ProgramBuilder.tensor(reads.get(0))
        : new AtenValue.Other(Set.copyOf(reads));
  }

  private AtenValue list(Value.Items items, Frame frame) {
    List<AtenValue.Item> numbers = new ArrayList<>();
    List<AtenValue.Tensor> references = new ArrayList<>();
    for (Value item : items.items()) {
      if (item instanceof Value.Known known && known.value() instanceof Long number) {
        numbers.add(new AtenValue.Item(number, ""));
      } else if (item instanceof Value.Blank blank) {
        numbers.add(new AtenValue.Item(0, named(blank, frame)));
      } else if (item instanceof Value.Ref ref) {
        references.add(ProgramBuilder.tensor(ref.name()));
      }
    }
    if (numbers.size() == items.items().size()) {
      return new AtenValue.Wholes(numbers);
    } else if (references.size() == items.items().size()) {
      return new AtenValue.Tensors(references);
    }
    return new AtenValue.Other(Set.copyOf(reads(List.of(items))));
  }

  private String named(Value.Blank blank, Frame frame) {
    if (blank.name().isEmpty()) {
      blank.name(program.gather("number", List.of(), frame, NO_CALL).name());
    }
    return blank.name();
  }

  /** The names of all values of the program that are in some values. */
  private List<String> reads(List<Value> values) {
    Set<String> names = new LinkedHashSet<>();
    Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Value> open = new ArrayList<>(values);
    while (!open.isEmpty()) {
      Value next = open.remove(0);
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof Value.Ref ref) {
        names.add(ref.name());
      } else if (next instanceof Value.Module module) {
        names.addAll(program.parametersBelow(module.instance()));
      } else if (next instanceof Value.Items items) {
        Value.Ref whole = items.whole();
        if (whole != null) {
          names.add(whole.name());
        }
        open.addAll(items.items());
      }
    }
    return List.copyOf(names);
  }
}
