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

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.torch.PickleValue.Global;
import java.util.Set;

/**
 * Names that no checkpoint of parameters has: a file that names one is an attack, whether it calls
 * it or not, and is refused. Everything else that is unknown is an inert value.
 */
final class ForbiddenNames {
  /** Outermost modules. A user's package may be called as a module of the standard library is. */
  private static final Set<String> MODULES =
      Set.of(
          "_posixsubprocess",
          "_pickle",
          "asyncio",
          "bdb",
          "cProfile",
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

  /** Of these, what lies within anything else is the same: {@code torch.os} is {@code os}. */
  private static final Set<String> WITHIN =
      Set.of(
          "os",
          "sys",
          "subprocess",
          "builtins",
          "__builtin__",
          "posix",
          "shutil",
          "importlib",
          "ctypes",
          "socket",
          "runpy");

  /** Of the module {@code operator}, what flags and types are put together with. */
  private static final Set<String> OPERATORS =
      Set.of("add", "and_", "getitem", "invert", "mul", "neg", "or_", "sub", "truediv", "xor");

  /** Attributes from which every object leads to the interpreter. */
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "__base__",
          "__bases__",
          "__builtins__",
          "__class__",
          "__code__",
          "__dict__",
          "__func__",
          "__getattribute__",
          "__globals__",
          "__import__",
          "__loader__",
          "__mro__",
          "__self__",
          "__spec__",
          "__subclasses__",
          "__wrapped__");

  /** Builtin types and functions that do nothing to anybody; exceptions go by their endings. */
  private static final Set<String> BUILTINS =
      Set.of(
          "Ellipsis",
          "NotImplemented",
          "StopAsyncIteration",
          "StopIteration",
          "GeneratorExit",
          "KeyboardInterrupt",
          "abs",
          "all",
          "any",
          "basestring",
          "bool",
          "bytearray",
          "bytes",
          "classmethod",
          "complex",
          "dict",
          "enumerate",
          "filter",
          "float",
          "frozenset",
          "getattr",
          "hash",
          "int",
          "iter",
          "len",
          "list",
          "long",
          "map",
          "max",
          "min",
          "object",
          "print",
          "property",
          "range",
          "repr",
          "reversed",
          "round",
          "set",
          "slice",
          "sorted",
          "staticmethod",
          "str",
          "sum",
          "super",
          "tuple",
          "type",
          "unicode",
          "xrange",
          "zip");

  private static final Set<String> EXCEPTIONS = Set.of("Error", "Exception", "Warning", "Group");

  private ForbiddenNames() {}

  /**
   * Refuses a name that cannot be harmless.
   *
   * @throws UnsupportedFormatException if it is one
   */
  static void check(Global global, Problem here) {
    String module = global.module();
    int dot = module.indexOf('.');
    String root = dot < 0 ? module : module.substring(0, dot);
    boolean isBuiltin = root.equals("builtins") || root.equals("__builtin__");
    boolean isOperator =
        (module.equals("_operator") || module.equals("operator"))
            && OPERATORS.contains(global.name());
    if ((MODULES.contains(root) && !isOperator)
        || (isBuiltin && !isHarmlessBuiltin(global.name()))
        || leadsOut(global.name())) {
      throw hostile("names " + Descriptions.shortened(global.qualified()), here);
    }
  }

  private static boolean isHarmlessBuiltin(String name) {
    int dot = name.indexOf('.');
    String type = dot < 0 ? name : name.substring(0, dot);
    return BUILTINS.contains(type) || EXCEPTIONS.stream().anyMatch(type::endsWith);
  }

  /** Whether an attribute, or an attribute of an attribute, is one that no value has need of. */
  private static boolean leadsOut(String name) {
    int from = 0;
    for (int dot = name.indexOf('.'); from <= name.length(); dot = name.indexOf('.', from)) {
      boolean isLast = dot < 0;
      String part = name.substring(from, isLast ? name.length() : dot);
      if (ATTRIBUTES.contains(part) || WITHIN.contains(part)) {
        return true;
      }
      if (isLast) {
        return false;
      }
      from = dot + 1;
    }
    return false;
  }

  static UnsupportedFormatException hostile(String what, Problem here) {
    return new UnsupportedFormatException(
        here.expected("only values, tensors and the calls that rebuild them")
            .found("a pickle that " + what)
            .hint(
                "Nothing was run. If the file is to be trusted, load it where it was made and save model.state_dict()"));
  }
}
