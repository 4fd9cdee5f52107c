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

import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Inert;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.SetValue;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of a pickle mean. Nothing is looked up, imported or run.
 *
 * <p>A call we know builds a plain value ({@code OrderedDict}, {@code _rebuild_tensor_v2}); any
 * other becomes an inert {@link Call}, and an object of whatever class an inert {@link Instance}
 * with its state, so that whole pickled modules give their tensors. What {@link ForbiddenNames} has
 * is refused where it is named.
 */
final class PickleCalls {
  /** Calls that torch's own loader of weights makes too: kept as they are, and written again. */
  private static final Set<String> REPEATABLE =
      Set.of(
          "torch.Size",
          "torch.device",
          "torch.serialization._get_layout",
          "_codecs.encode",
          "builtins.bytearray",
          "builtins.complex",
          "torch._utils._rebuild_meta_tensor_no_storage",
          "torch._utils._rebuild_nested_tensor",
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_qtensor",
          "torch._utils._rebuild_sparse_csr_tensor",
          "torch._utils._rebuild_sparse_tensor",
          "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_tensor_v3");

  /** Characters of a name that attributes of attributes make. */
  private static final int LONGEST_NAME = 1024;

  private static final String CALLED = "()";

  /** The value of {@code callable(*arguments)}. */
  PickleValue call(PickleValue callable, Tuple arguments, Problem here) {
    Global function = modern(named(callable, here));
    List<PickleValue> given = arguments.items();
    return switch (function.qualified()) {
      case "collections.OrderedDict" -> dict(Dict.Kind.ORDERED, function, arguments, here);
      case "builtins.dict" -> dict(Dict.Kind.PLAIN, function, arguments, here);
      case "collections.Counter" -> dict(Dict.Kind.OTHER, function, arguments, here);
      case "collections.defaultdict" -> new Dict(Dict.Kind.OTHER);
      case "builtins.set" -> set(SetValue.Kind.SET, function, arguments);
      case "builtins.frozenset" -> set(SetValue.Kind.FROZEN, function, arguments);
      case "builtins.getattr" -> attribute(function, arguments, here);
      case "copyreg._reconstructor" -> reconstructed(arguments, here);
      case "torch._utils._rebuild_tensor" -> TensorRebuild.plain(function, arguments, here);
      case "torch._utils._rebuild_tensor_v2" -> TensorRebuild.second(function, arguments, here);
      case "torch._utils._rebuild_tensor_v3" -> TensorRebuild.third(function, arguments, here);
      case "torch._utils._rebuild_qtensor" -> TensorRebuild.quantized(function, arguments, here);
      case "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state",
          "torch.nn.parameter.Parameter",
          "torch.nn.parameter.Buffer" ->
          wrapped(function, arguments, here);
      case "torch._tensor._rebuild_from_type_v2" -> {
        // (function, type, arguments, state): the type is a subclass of Tensor that is not looked
        // up.
        if (given.size() == 4 && given.get(2) instanceof Tuple inner) {
          yield call(given.get(0), inner, here);
        }
        throw wrongArguments(function, here);
      }
      default -> new Call(function, arguments);
    };
  }

  /** The name of what is called or instantiated: where another call made it, that one's. */
  private static Global named(PickleValue callable, Problem here) {
    if (callable instanceof Global named) {
      return named;
    }
    if (callable instanceof Inert made) {
      String name = made.type().name();
      return name.endsWith(CALLED) ? made.type() : new Global(made.type().module(), name + CALLED);
    }
    throw ForbiddenNames.hostile("calls " + Descriptions.of(callable), here);
  }

  /**
   * {@code getattr(object, name)}: how protocols before 4 name a class within a class, or a method.
   */
  private static PickleValue attribute(Global function, Tuple arguments, Problem here) {
    List<PickleValue> given = arguments.items();
    if (given.size() != 2 || !(given.get(1) instanceof Text name)) {
      throw ForbiddenNames.hostile("calls getattr with a computed name", here);
    }
    Global owner = given.get(0) instanceof Global known ? known : new Global("", "");
    boolean isLong = owner.name().length() + name.value().length() > LONGEST_NAME;
    Global attribute =
        new Global(
            owner.module(),
            owner.name().isEmpty() || isLong ? name.value() : owner.name() + "." + name.value());
    ForbiddenNames.check(attribute, here);
    return owner.name().isEmpty() || isLong ? new Call(function, arguments) : attribute;
  }

  /** An object made by its class's {@code __new__}. */
  PickleValue instance(PickleValue type, Tuple arguments, Problem here) {
    Global global = modern(named(type, here));
    return switch (global.qualified()) {
      case "collections.OrderedDict" -> new Dict(Dict.Kind.ORDERED);
      case "collections.defaultdict", "collections.Counter" -> new Dict(Dict.Kind.OTHER);
      case "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer" ->
          call(global, arguments, here);
      default -> new Instance(global, arguments);
    };
  }

  /** Gives an object its state. */
  PickleValue build(PickleValue object, PickleValue state, Problem here) {
    if (object instanceof Dict dict) {
      dict.attributes(state);
    } else if (object instanceof Inert inert) {
      inert.state(state);
    } else if (!(object instanceof TensorRef || object instanceof Global)) {
      throw new MalformedFileException(
          here.expected("an object to give a state to").found(Descriptions.of(object)));
    }
    return object;
  }

  /** Whether a call may be written again: torch's own loader of weights makes it without asking. */
  static boolean isRepeatable(Global function) {
    return REPEATABLE.contains(function.qualified());
  }

  /** Python 2's and older torch's names, as today's. */
  private static Global modern(Global global) {
    return switch (global.module()) {
      case "__builtin__" -> new Global("builtins", global.name());
      case "copy_reg" -> new Global("copyreg", global.name());
      case "torch.nn" ->
          global.name().equals("Parameter")
              ? new Global("torch.nn.parameter", "Parameter")
              : global;
      default -> global;
    };
  }

  private static PickleValue dict(
      Dict.Kind kind, Global function, Tuple arguments, Problem here) {
    Dict dict = new Dict(kind);
    if (arguments.items().isEmpty()) {
      return dict;
    }
    PickleValue content = arguments.items().get(0);
    if (content instanceof Dict other) {
      other.items().forEach(item -> dict.put(item.key(), item.value()));
      return dict;
    }
    List<PickleValue> pairs = items(content);
    if (pairs == null) {
      return new Call(function, arguments);
    }
    for (PickleValue pair : pairs) {
      List<PickleValue> both = items(pair);
      if (both == null || both.size() != 2) {
        throw new MalformedFileException(
            here.expected("pairs of keys and values").found(Descriptions.of(pair)));
      }
      dict.put(both.get(0), both.get(1));
    }
    return dict;
  }

  private static PickleValue set(SetValue.Kind kind, Global function, Tuple arguments) {
    SetValue set = new SetValue(kind);
    if (!arguments.items().isEmpty()) {
      List<PickleValue> items = items(arguments.items().get(0));
      if (items == null) {
        return new Call(function, arguments);
      }
      items.forEach(set.items()::add);
    }
    return set;
  }

  /** What a tuple or a list holds; null for anything else. */
  private static @Nullable List<PickleValue> items(PickleValue value) {
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    return value instanceof ListValue list ? list.items() : null;
  }

  /**
   * {@code copyreg._reconstructor(class, base, state of the base)}: how protocols 0 and 1 make
   * objects.
   */
  private PickleValue reconstructed(Tuple arguments, Problem here) {
    if (arguments.items().size() != 3) {
      throw wrongArguments(new Global("copyreg", "_reconstructor"), here);
    }
    PickleValue object = instance(arguments.items().get(0), Tuple.EMPTY, here);
    if (object instanceof Inert inert && arguments.items().get(2) instanceof Dict base) {
      base.items().forEach(item -> inert.put(item.key(), item.value()));
    }
    return object;
  }

  private static PickleValue wrapped(Global function, Tuple arguments, Problem here) {
    List<PickleValue> given = arguments.items();
    if (!given.isEmpty() && given.get(0) instanceof TensorRef tensor) {
      boolean rebuild = function.name().equals("_rebuild_parameter");
      return rebuild
          ? new TensorRef(tensor.tensor().wrappedBy(new Call(function, arguments)))
          : tensor;
    }
    if (!given.isEmpty() && (given.get(0) instanceof None || given.get(0) instanceof Inert)) {
      return new Call(function, arguments);
    }
    throw wrongArguments(function, here);
  }

  static MalformedFileException wrongArguments(Global function, Problem here) {
    return new MalformedFileException(
        here.expected("the arguments of " + function.qualified()).found("others"));
  }
}
