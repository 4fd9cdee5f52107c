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
package dev.fusewright.core.state;

import dev.fusewright.core.modules.CommonPrefix;
import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What stands before the names of a list in those of a state dict: {@code module.} of DataParallel,
 * {@code _orig_mod.} of a compiled model, {@code model.} of a wrapper of somebody's own.
 *
 * <p>A list of full names fits as it is. Another fits behind the longest prefix that all names of
 * the state dict have in common, or behind a shorter one of those, down to none. Where it fits
 * behind none of them, because something else lies beside the model, it may stand behind a prefix
 * that most of the state dict has. What fits behind two is refused.
 */
public final class NamePrefix {
  /** What PyTorch itself puts before every name: no list means it. */
  private static final Set<String> WRAPPERS = Set.of("module.", "_orig_mod.");

  private static final int MOST_CANDIDATES = 64;

  private NamePrefix() {}

  /** The dotted prefixes that all names of a state dict have in common, the longest first. */
  public static List<String> common(StateDict state) {
    return CommonPrefix.of(state.entries().keySet());
  }

  /** What PyTorch's own wrappers put before every name of a state dict. */
  public static String wrapper(StateDict state) {
    return common(state).stream().filter(NamePrefix::isWrapper).findFirst().orElse("");
  }

  private static boolean isWrapper(String prefix) {
    return List.of(prefix.split("(?<=\\.)")).stream()
        .allMatch(part -> part.isEmpty() || WRAPPERS.contains(part));
  }

  /**
   * The prefix behind which the list of a request fits.
   *
   * @param request whose own prefix is not looked at
   * @throws ModuleListException if it fits behind two, or behind none: then saying why not behind
   *     the longest common one
   */
  public static String of(StateDict state, StateFusionRequest request) {
    Map<String, ModuleListException> failures = new LinkedHashMap<>();
    Map<String, List<List<String>>> fits = fits(state, request, common(state), failures);
    if (!fits.isEmpty()) {
      // Names that are written out and exist are meant as they are.
      return request.modules().isLiteral() && fits.containsKey("") ? "" : chosen(fits);
    }
    ModuleListException failure = failures.values().iterator().next();
    if (failures.values().stream().allMatch(NamePrefix::isMissing)) {
      List<String> elsewhere = elsewhere(state, request, failures.keySet());
      fits = fits(state, request, elsewhere, new LinkedHashMap<>());
      requireOne(fits.keySet());
      for (String prefix : fits.keySet()) {
        if (hasMost(state, prefix)) {
          return prefix;
        }
      }
    }
    throw failure;
  }

  private static Map<String, List<List<String>>> fits(
      StateDict state,
      StateFusionRequest request,
      List<String> prefixes,
      Map<String, ModuleListException> failures) {
    Map<String, List<List<String>>> fits = new LinkedHashMap<>();
    for (String prefix : prefixes) {
      try {
        fits.put(
            prefix,
            ListedState.of(state, request.behind(prefix)).listed().stream()
                .map(ModuleGroup::names)
                .toList());
      } catch (ModuleListException e) {
        failures.put(prefix, e);
      }
    }
    return fits;
  }

  /** Where the common prefixes mean the same modules, or a wrapper lies between, the longest. */
  private static String chosen(Map<String, List<List<String>>> fits) {
    String longest = fits.keySet().iterator().next();
    List<List<String>> meant = fits.get(longest);
    Set<String> others =
        fits.entrySet().stream()
            .filter(fit -> !fit.getValue().equals(meant))
            .map(Map.Entry::getKey)
            .filter(prefix -> !isWrapper(longest.substring(prefix.length())))
            .collect(Collectors.toSet());
    if (!others.isEmpty()) {
      requireOne(Set.of(longest, others.iterator().next()));
    }
    return longest;
  }

  /** Prefixes that only some of the names have, none of which lies behind another. */
  private static List<String> elsewhere(
      StateDict state, StateFusionRequest request, Set<String> tried) {
    StateDirectory directory =
        new StateDirectory(
            StateModules.of(LegacyConvBn.modernized(state)),
            FusionMode.EVAL,
            request.transposed(),
            state.modules(),
            "");
    List<String> outermost = new ArrayList<>();
    for (String prefix : request.modules().prefixes(directory)) {
      if (!tried.contains(prefix) && outermost.size() < MOST_CANDIDATES) {
        outermost.add(prefix);
      }
    }
    List<String> candidates = List.copyOf(outermost);
    outermost.removeIf(
        prefix -> candidates.stream().anyMatch(it -> !it.equals(prefix) && prefix.startsWith(it)));
    return outermost;
  }

  private static void requireOne(Set<String> prefixes) {
    if (prefixes.size() > 1) {
      throw ModuleListException.of(
          Reason.AMBIGUOUS_PREFIX,
          "the list fits behind %s: write its names in full",
          prefixes.stream()
              .sorted()
              .limit(4)
              .map(prefix -> prefix.isEmpty() ? "no prefix" : "'" + prefix + "'")
              .collect(Collectors.joining(" and behind ")));
    }
  }

  private static boolean isMissing(ModuleListException e) {
    return e.refusals().stream().allMatch(it -> it.reason() == Reason.NO_SUCH_MODULE);
  }

  private static boolean hasMost(StateDict state, String prefix) {
    long behind =
        state.entries().keySet().stream()
            .filter(name -> name.startsWith(prefix))
            .count();
    return 2 * behind > state.entries().size();
  }
}
