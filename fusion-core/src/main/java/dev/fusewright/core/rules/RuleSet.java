package dev.fusewright.core.rules;

import java.util.List;
import java.util.stream.Stream;

/**
 * The rules that a plan is made with.
 *
 * @param name {@code inference}, {@code torch}, or the list of ids that was asked for
 * @param folds change the graph; tried in this order until none applies any more
 * @param containers only name what stands there when the folds are done
 */
public record RuleSet(String name, List<Rule<?>> folds, List<Rule<?>> containers) {
  /** Copies the lists. */
  public RuleSet {
    folds = List.copyOf(folds);
    containers = List.copyOf(containers);
  }

  /** All rules in order. */
  public Stream<Rule<?>> stream() {
    return Stream.concat(folds.stream(), containers.stream());
  }
}
