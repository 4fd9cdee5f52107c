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

import dev.fusewright.io.torch.PickleValue.Global;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The eps of the BatchNorms of a TorchScript archive, read from the text of their classes.
 *
 * <p>Two forms are read, as torch's own printer writes them: a constant of PyTorch's own class,
 * {@code eps : Final[float] = 0.001}, and the literal of the one call {@code torch.batch_norm(…)}
 * that a class traced in eval mode makes. Whatever else stands there, or where two say different
 * things, no eps is known. Nothing is evaluated.
 */
final class ScriptCode {
  private static final Pattern MODULE = Pattern.compile("__torch__(?:\\.[A-Za-z0-9_]++)*+");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]++");
  private static final Pattern CONSTANT =
      Pattern.compile("\n  eps : Final\\[float\\] = ([^\\n]*+)(?=\\n)");
  private static final Pattern NUMBER =
      Pattern.compile("[0-9]++(?:\\.[0-9]*+)?(?:e[-+]?[0-9]++)?");
  private static final String OWN = "__torch__.torch.nn.modules.batchnorm";
  private static final String CALL = "torch.batch_norm(";
  private static final int CALL_ARGUMENTS = 9;
  private static final int TRAINING_ARGUMENT = 5;
  private static final int EPSILON_ARGUMENT = 7;
  private static final int LONGEST_CALL = 2000;

  /** Bytes of all code that is read. */
  private static final long MOST_BYTES = 16L << 20;

  /** Characters that are looked through, however many classes there are. */
  private static final long MOST_SCANNED = 1L << 28;

  /** The files of code. */
  interface Files {
    /** The bytes of a file below {@code code/}; null if there is none of at most so many. */
    byte @Nullable [] read(String path, long most);
  }

  private final Files files;
  private final Map<String, String> texts = new HashMap<>();
  private final Map<Global, OptionalDouble> known = new HashMap<>();
  private long read;
  private long scanned;

  ScriptCode(Files files) {
    this.files = files;
  }

  /** The eps of the BatchNorms of a class; empty where it does not surely stand in its text. */
  OptionalDouble epsilon(Global type) {
    return known.computeIfAbsent(type, this::find);
  }

  private OptionalDouble find(Global type) {
    if (!MODULE.matcher(type.module()).matches() || !NAME.matcher(type.name()).matches()) {
      return OptionalDouble.empty();
    }
    String module = text(type.module());
    scanned += module.length();
    String text = scanned > MOST_SCANNED ? "" : section(module, type.name());
    Set<Double> found = new HashSet<>();
    boolean isSure = true;
    Matcher constant = CONSTANT.matcher(text);
    while (type.module().startsWith(OWN) && constant.find()) {
      isSure &= add(constant.group(1), found);
    }
    for (int at = text.indexOf(CALL); at >= 0; at = text.indexOf(CALL, at + 1)) {
      // Within __torch__.torch.batch_norm( or another longer name it is no call of torch's own.
      boolean isOwn = at == 0 || !isNamePart(text.charAt(at - 1));
      List<String> arguments = arguments(text, at + CALL.length());
      isSure &=
          isOwn
              && arguments.size() == CALL_ARGUMENTS
              && arguments.get(TRAINING_ARGUMENT).equals("False")
              && add(arguments.get(EPSILON_ARGUMENT), found);
    }
    return isSure && found.size() == 1
        ? OptionalDouble.of(found.iterator().next())
        : OptionalDouble.empty();
  }

  private static boolean isNamePart(char c) {
    return c == '.' || c == '_' || Character.isLetterOrDigit(c);
  }

  private static boolean add(String literal, Set<Double> found) {
    if (!NUMBER.matcher(literal).matches()) {
      return false;
    }
    found.add(Double.valueOf(literal));
    return true;
  }

  /** The text of a module; empty if there is none, or too much. */
  private String text(String module) {
    String text = texts.get(module);
    if (text == null) {
      byte[] bytes = files.read(module.replace('.', '/') + ".py", MOST_BYTES - read);
      text = bytes == null ? "" : "\n" + new String(bytes, StandardCharsets.UTF_8) + "\n";
      read += text.length();
      texts.put(module, text);
    }
    return text;
  }

  /** The one class of this name, up to the next line that is not indented. */
  private static String section(String text, String name) {
    String header = "\nclass " + name + "(Module):\n";
    int start = text.indexOf(header);
    if (start < 0 || text.indexOf(header, start + 1) >= 0) {
      return "";
    }
    int end = start + header.length() - 1;
    while (end >= 0 && end + 1 < text.length() && text.charAt(end + 1) == ' ') {
      end = text.indexOf('\n', end + 1);
    }
    return text.substring(start, end < 0 ? text.length() : end + 1);
  }

  /** What stands between commas up to the closing parenthesis; empty if that is far. */
  private static List<String> arguments(String text, int from) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int start = from;
    for (int at = from; at < text.length() && at - from < LONGEST_CALL; at++) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'') {
        return List.of();
      }
      boolean isEnd = depth == 0 && c == ')';
      if (isEnd || (depth == 0 && c == ',')) {
        String argument = text.substring(start, at).strip();
        if (!argument.isEmpty()) {
          arguments.add(argument);
        }
        start = at + 1;
      }
      if (isEnd) {
        return arguments;
      }
      depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    }
    return List.of();
  }
}
