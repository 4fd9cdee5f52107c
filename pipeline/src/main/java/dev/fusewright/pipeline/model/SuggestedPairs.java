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
package dev.fusewright.pipeline.model;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.core.state.NamePrefix;
import dev.fusewright.core.state.PairPatterns;
import dev.fusewright.core.state.PairSuggestions;
import dev.fusewright.core.state.PairSuggestions.Means;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StatePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The pairs of one state dict that look right, in words for a person: what speaks for them, what is
 * not known, and a command line that can be pasted. A pair that would be refused, or whose
 * statistics do not rule out a ReLU though they are trained, is named and not suggested.
 */
final class SuggestedPairs {
  private static final int MOST_IN_A_COMMAND = 20;
  private static final int MOST_SHOWN = 200;
  private static final int MOST_TRIED = 500;
  private static final int MOST_LEFT_OUT = 3;

  private final Path file;
  private final NestedState nested;
  private final List<List<String>> pairs = new ArrayList<>();

  /** Pairs before whose norms a ReLU may stand. */
  private final List<List<String>> doubtful = new ArrayList<>();

  /** Pairs between which something stands in the file's order, with it in words. */
  private final Map<List<String>, String> interrupted;

  /** Pairs that would be refused, with the reason. */
  private final Map<List<String>, String> refused = new LinkedHashMap<>();

  /**
   * The pairs of a state dict.
   *
   * @param refusal why a list of these groups would not be carried out; empty if it would
   */
  SuggestedPairs(
      Path file, NestedState nested, Function<List<List<String>>, Optional<String>> refusal) {
    this.file = file;
    this.nested = nested;
    List<List<String>> candidates = PairSuggestions.of(nested.state());
    Set<List<String>> maybe = new HashSet<>();
    for (List<String> pair : candidates) {
      if (!isInside(pair) && means(pair) == Means.NOT_NEGATIVE) {
        maybe.add(pair);
        doubtful.add(pair);
      }
    }
    this.interrupted =
        PairSuggestions.interrupted(
            nested.state(),
            candidates.stream().filter(pair -> !maybe.contains(pair) && !isInside(pair)).toList());
    List<List<String>> left =
        candidates.stream()
            .filter(pair -> !maybe.contains(pair) && !interrupted.containsKey(pair))
            .toList();
    if (left.isEmpty() || left.size() > MOST_TRIED || refusal.apply(left).isEmpty()) {
      pairs.addAll(left);
      return;
    }
    for (List<String> pair : left) {
      Optional<String> why = refusal.apply(List.of(pair));
      why.ifPresentOrElse(reason -> refused.put(pair, reason), () -> pairs.add(pair));
    }
  }

  private Means means(List<String> pair) {
    return PairSuggestions.means(nested.state(), pair);
  }

  /** Whether prepare_qat put the BatchNorm into its layer: nothing stands between. */
  private static boolean isInside(List<String> pair) {
    return pair.get(1).equals(pair.get(0) + ".bn");
  }

  /** On lines of their own. */
  String text() {
    String place = nested.path().equals(StatePath.ROOT) ? "" : " in " + nested.path();
    if (pairs.isEmpty()) {
      return " No pair%s looks right. %s".formatted(place, leftOut()).stripTrailing();
    }
    String known =
        NamePrefix.common(nested.state()).stream()
            .filter(it -> !recipes(it).isEmpty())
            .findFirst()
            .orElseGet(() -> NamePrefix.wrapper(nested.state()));
    List<String> groups =
        PairPatterns.of(pairs, nested.state(), known).stream()
            .map(
                pair ->
                    pair.stream()
                        .map(SuggestedPairs::json)
                        .collect(Collectors.joining(", ", "[", "]")))
            .toList();
    List<String> recipes = recipes(known);
    int most = recipes.isEmpty() ? MOST_SHOWN : MOST_IN_A_COMMAND;
    return " Pairs%s that look right, to be checked against the model%s:%s%n%s%s"
        .formatted(
            place,
            recipes.isEmpty()
                ? ""
                : " (all of them are in the recipe " + String.join(", ", recipes) + ")",
            first(groups.stream().map("%n  %s"::formatted).toList(), most, ","),
            support(),
            command(groups, recipes));
  }

  /** A recipe would also fuse what is not suggested. */
  private List<String> recipes(String prefix) {
    return doubtful.isEmpty() && refused.isEmpty() && interrupted.isEmpty()
        ? PairSuggestions.recipes(nested.state(), prefix)
        : List.of();
  }

  /** What speaks for the pairs, and what nobody knows. */
  private String support() {
    if (pairs.stream().allMatch(SuggestedPairs::isInside)) {
      return "prepare_qat made these layers, with their BatchNorms inside. Not known: which of them have a ReLU behind it, to be listed as the third%s."
          .formatted(isTold() ? "" : ", and eps, " + unknownEpsilon());
    }
    boolean isSorted = PairSuggestions.isAlphabetical(nested.state());
    return "What speaks for them: they %s and have as many channels%s. %sNot known: %sthat nothing else, such as another activation or a sum, stands between or uses the layer%s%s."
        .formatted(
            isSorted
                ? "are beside each other by name or equal number (the names are in alphabetical order, as in files of safetensors, which says nothing of the model's)"
                : "are neighbours by order or name",
            statistics(),
            leftOut(),
            isSorted ? "which of the two comes first; " : "",
            PairSuggestions.mayBeTransposed(nested.state(), pairs)
                ? "; that square weights are those of a Conv, for which they are taken, and no ConvTranspose"
                : "",
            isTold() ? "" : ", and eps, " + unknownEpsilon());
  }

  private String statistics() {
    long negative = pairs.stream().filter(pair -> means(pair) == Means.NEGATIVE).count();
    long unknown = pairs.size() - negative;
    String ruledOut =
        negative == 0
            ? ""
            : "; of %d of the %d, running means are negative, so that no ReLU stands between"
                .formatted(negative, pairs.size());
    return unknown == 0
        ? ruledOut
        : ruledOut
            + "; of %d of the %d, all running means are zero, as before any training, or cannot be read: whether a ReLU stands between is not known"
                .formatted(unknown, pairs.size());
  }

  /** What was not suggested. */
  private String leftOut() {
    StringBuilder text = new StringBuilder();
    if (!doubtful.isEmpty()) {
      text.append(
          "Left out are %s: no running mean is negative: a ReLU may stand before these norms; not suggested. "
              .formatted(names(doubtful)));
    }
    if (!interrupted.isEmpty()) {
      text.append(
          "Left out are %s: %s stands between them in the file. "
              .formatted(
                  names(List.copyOf(interrupted.keySet())),
                  interrupted.values().iterator().next()));
    }
    PairSuggestions.computed(nested.state()).stream()
        .limit(MOST_LEFT_OUT)
        .forEach(sentence -> text.append("%s. ".formatted(sentence)));
    if (!refused.isEmpty()) {
      text.append(
          "Left out are %s: these would be refused: %s. "
              .formatted(
                  names(List.copyOf(refused.keySet())),
                  refused.values().stream()
                      .distinct()
                      .limit(MOST_LEFT_OUT)
                      .collect(Collectors.joining("; "))));
    }
    List<List<String>> sums = PairSuggestions.acrossSums(nested.state());
    if (!sums.isEmpty()) {
      text.append(
          "Left out are %s: a block ends between, and its names or widths speak for a sum there. "
              .formatted(names(sums)));
    }
    return text.toString();
  }

  private static String names(List<List<String>> some) {
    return first(
        some.stream().map(pair -> "[" + String.join(", ", pair) + "]").toList(),
        MOST_LEFT_OUT,
        ", ");
  }

  private boolean isTold() {
    return pairs.stream()
        .map(pair -> nested.state().modules().get(pair.get(1)))
        .allMatch(norm -> norm != null && norm.epsilon().isPresent());
  }

  private String needsEpsilon(List<String> recipes) {
    return nested.origin() == NestedState.Origin.SCRIPT && recipes.isEmpty() && !isTold()
        ? " --eps EPS"
        : "";
  }

  /** Who is to say an eps that nobody reads of the file. */
  private String unknownEpsilon() {
    return nested.origin() == NestedState.Origin.SCRIPT
        ? "which stands in the code of this archive, and not where it is surely read: --eps has to say it"
        : "for which %s is taken unless --eps says it".formatted(1e-5);
  }

  /** A line that can be pasted; a long list goes into a file. */
  private String command(List<String> groups, List<String> recipes) {
    Path name = file.getFileName();
    if (name == null) {
      return "";
    }
    boolean isLong = recipes.isEmpty() && groups.size() > MOST_IN_A_COMMAND;
    String modules =
        isLong
            ? "modules.json"
            : recipes.isEmpty()
                ? "[" + String.join(", ", groups) + "]"
                : "recipe:" + recipes.get(0);
    return "%n%s: fusewright fuse %s -o %s --modules %s%s"
        .formatted(
            isLong
                ? "The list is long: write it to a file, as one JSON array of these, then"
                : "To fuse them",
            quoted(file.toString()),
            quoted("fused-" + name),
            quoted(modules),
            needsEpsilon(recipes));
  }

  /** As one word of a POSIX shell. */
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** As a JSON string. */
  private static String json(String name) {
    return new TextNode(name).toString();
  }

  private static String first(List<String> all, int most, String separator) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    int more = all.size() - most;
    return more > 0 ? shown + ", and " + more + " more" : shown;
  }
}
