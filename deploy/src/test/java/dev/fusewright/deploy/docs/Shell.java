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
package dev.fusewright.deploy.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The command lines of {@code fusewright} in a text for people: in the fenced blocks of a Markdown
 * page. A command ends where a comment, a pipe or a column of explanation (two spaces) begins.
 */
final class Shell {
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(?:sh|bash|console)?\n(.*?)^```$");

  /** Ours, under either name, after what else may begin a line; or the job jar, handed to Flink. */
  private static final Pattern OURS =
      Pattern.compile(
          "^\\s*(?:\\$ )?(?:[A-Z_]+=\\S* )*(?:(?:\\./)?fusewright |.*\\bfusewright-job\\.jar )(.*)$");

  private static final Pattern WORD =
      Pattern.compile("'([^']*)'|\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s'\"]+)");

  private Shell() {}

  /** The arguments of every command of ours in a page. */
  static List<List<String>> commands(String markdown) {
    return FENCE
        .matcher(markdown)
        .results()
        .map(block -> block.group(1).replace("\\\n", "\0"))
        .flatMap(block -> block.lines())
        .flatMap(Shell::command)
        .toList();
  }

  private static Stream<List<String>> command(String line) {
    Matcher ours = OURS.matcher(line.replaceAll("\0\\s*", ""));
    if (!ours.matches()) {
      return Stream.empty();
    }
    String text = ours.group(1).split("  +| [|>&#;]|;", 2)[0];
    // A synopsis, with alternatives or optional parts, is no command.
    return text.matches(".*(\\[--|\\.\\.\\.|…|\\w\\|\\w).*")
        ? Stream.empty()
        : Stream.of(words(text));
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.strip().split(" (?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", -1)) {
      StringBuilder plain = new StringBuilder();
      Matcher part = WORD.matcher(word);
      while (part.find()) {
        for (int group = 1; group <= 3; group++) {
          plain.append(part.group(group) == null ? "" : part.group(group));
        }
      }
      words.add(plain.toString());
    }
    return words;
  }
}
