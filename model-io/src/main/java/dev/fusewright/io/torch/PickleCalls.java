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
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.SetValue;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.List;
import java.util.Set;

/**
 * The allow-list: what the calls of a pickle mean. Nothing is looked up, imported or run.
 *
 * <p>Three answers: a call we know builds a plain value ({@code OrderedDict}, {@code
 * _rebuild_tensor_v2}); a call known to be harmless becomes an inert {@link Call}; any other is
 * refused. Creating an object of an unknown class is not a call: it becomes an inert {@link
 * Instance} with its state, so that whole pickled modules give their tensors.
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
          "torch._utils._rebuild_sparse_tensor",
          "torch._utils._rebuild_sparse_csr_tensor");

  /** Calls that stand beside weights in real checkpoints: read past, never written again. */
  private static final Set<String> INERT =
      Set.of(
          "argparse.Namespace",
          "builtins.bytes",
          "builtins.float",
          "builtins.int",
          "builtins.range",
          "builtins.slice",
          "collections.deque",
          "datetime.date",
          "datetime.datetime",
          "datetime.timedelta",
          "decimal.Decimal",
          "functools.partial",
          "numpy._core.multiarray._reconstruct",
          "numpy._core.multiarray.scalar",
          "numpy._core.numeric._frombuffer",
          "numpy.core.multiarray._reconstruct",
          "numpy.core.multiarray.scalar",
          "numpy.core.numeric._frombuffer",
          "numpy.dtype",
          "pathlib.Path",
          "pathlib.PosixPath",
          "pathlib.PurePosixPath",
          "pathlib.PureWindowsPath",
          "pathlib.WindowsPath",
          "torch._utils._rebuild_meta_tensor_no_storage",
          "torch.jit._pickle.build_boollist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.restore_type_tag",
          "uuid.UUID");

  /**
   * Modules that no checkpoint of parameters names: such a file is an attack, whether it calls them
   * or not.
   */
  private static final Set<String> FORBIDDEN =
      Set.of(
          "_posixsubprocess",
          "_pickle",
          "asyncio",
          "bdb",
          "cProfile",
          "code",
          "codeop",
          "commands",
          "ctypes",
          "distutils",
          "ftplib",
          "http",
          "imp",
          "importlib",
          "linecache",
          "marshal",
          "multiprocessing",
          "nt",
          "ntpath",
          "operator",
          "_operator",
          "os",
          "pdb",
          "pickle",
          "pip",
          "pkgutil",
          "platform",
          "popen2",
          "posix",
          "posixpath",
          "profile",
          "pty",
          "pydoc",
          "requests",
          "runpy",
          "shutil",
          "signal",
          "site",
          "smtplib",
          "socket",
          "ssl",
          "subprocess",
          "sys",
          "tempfile",
          "timeit",
          "trace",
          "urllib",
          "venv",
          "webbrowser");

  private static final Set<String> HARMLESS_BUILTINS =
      Set.of(
          "bool",
          "bytearray",
          "bytes",
          "complex",
          "dict",
          "float",
          "frozenset",
          "int",
          "list",
          "object",
          "range",
          "set",
          "slice",
          "str",
          "tuple",
          "type");

  /** Refuses a name that cannot be harmless. */
  void checkNamed(Global global, Problem here) {
    String module = global.module();
    int dot = module.indexOf('.');
    String root = dot < 0 ? module : module.substring(0, dot);
    boolean builtin = root.equals("builtins") || root.equals("__builtin__");
    if (FORBIDDEN.contains(root) || (builtin && !HARMLESS_BUILTINS.contains(global.name()))) {
      throw hostile("names " + Descriptions.shortened(global.qualified()), here);
    }
  }

  /** The value of {@code callable(*arguments)}. */
  PickleValue call(PickleValue callable, Tuple arguments, Problem here) {
    if (!(callable instanceof Global named)) {
      throw hostile("calls " + Descriptions.of(callable), here);
    }
    Global function = modern(named);
    List<PickleValue> given = arguments.items();
    return switch (function.qualified()) {
      case "collections.OrderedDict" -> dict(Dict.Kind.ORDERED, arguments, here);
      case "builtins.dict" -> dict(Dict.Kind.PLAIN, arguments, here);
      case "collections.Counter" -> dict(Dict.Kind.OTHER, arguments, here);
      case "collections.defaultdict" -> new Dict(Dict.Kind.OTHER);
      case "builtins.set", "builtins.frozenset" -> set(arguments);
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
      default -> {
        if (REPEATABLE.contains(function.qualified()) || INERT.contains(function.qualified())) {
          yield new Call(function, arguments);
        }
        throw hostile("calls " + Descriptions.shortened(function.qualified()), here);
      }
    };
  }

  /** An object made by its class's {@code __new__}. */
  PickleValue instance(PickleValue type, Tuple arguments, Problem here) {
    if (!(type instanceof Global named)) {
      throw new MalformedFileException(here.expected("a class").found(Descriptions.of(type)));
    }
    Global global = modern(named);
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
    } else if (object instanceof Instance instance) {
      instance.state(state);
    } else if (!(object instanceof Call || object instanceof TensorRef)) {
      throw new MalformedFileException(
          here.expected("an object to give a state to").found(Descriptions.of(object)));
    }
    return object;
  }

  /** Whether a call may be written again: torch's own loader of weights makes it without asking. */
  static boolean isRepeatable(Global function) {
    return REPEATABLE.contains(function.qualified())
        || function.qualified().startsWith("torch._utils._rebuild_");
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

  private static Dict dict(Dict.Kind kind, Tuple arguments, Problem here) {
    Dict dict = new Dict(kind);
    if (arguments.items().isEmpty()) {
      return dict;
    }
    PickleValue content = arguments.items().get(0);
    if (content instanceof Dict other) {
      other.items().forEach(item -> dict.put(item.key(), item.value()));
      return dict;
    }
    for (PickleValue pair : items(content)) {
      List<PickleValue> both = items(pair);
      if (both.size() != 2) {
        throw new MalformedFileException(
            here.expected("pairs of keys and values").found(Descriptions.of(pair)));
      }
      dict.put(both.get(0), both.get(1));
    }
    return dict;
  }

  private static SetValue set(Tuple arguments) {
    SetValue set = new SetValue();
    if (!arguments.items().isEmpty()) {
      items(arguments.items().get(0)).forEach(set.items()::add);
    }
    return set;
  }

  private static List<PickleValue> items(PickleValue value) {
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    return value instanceof ListValue list ? list.items() : List.of();
  }

  /**
   * {@code copyreg._reconstructor(class, base, state of the base)}: how protocols 0 and 1 make
   * objects.
   */
  private PickleValue reconstructed(Tuple arguments, Problem here) {
    if (arguments.items().size() != 3) {
      throw wrongArguments(new Global("copyreg", "_reconstructor"), here);
    }
    return instance(arguments.items().get(0), Tuple.EMPTY, here);
  }

  private static PickleValue wrapped(Global function, Tuple arguments, Problem here) {
    List<PickleValue> given = arguments.items();
    if (!given.isEmpty() && given.get(0) instanceof TensorRef tensor) {
      boolean rebuild = function.name().equals("_rebuild_parameter");
      return rebuild
          ? new TensorRef(tensor.tensor().wrappedBy(new Call(function, arguments)))
          : tensor;
    }
    if (!given.isEmpty() && (given.get(0) instanceof None || given.get(0) instanceof Call)) {
      return new Call(function, arguments);
    }
    throw wrongArguments(function, here);
  }

  static MalformedFileException wrongArguments(Global function, Problem here) {
    return new MalformedFileException(
        here.expected("the arguments of " + function.qualified()).found("others"));
  }

  private static UnsupportedFormatException hostile(String what, Problem here) {
    return new UnsupportedFormatException(
        here.expected("only values, tensors and the calls that rebuild them")
            .found("a pickle that " + what)
            .hint(
                "Nothing was run. If the file is to be trusted, load it where it was made and save model.state_dict()"));
  }
}
