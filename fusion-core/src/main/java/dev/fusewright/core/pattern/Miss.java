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
package dev.fusewright.core.pattern;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The place at which a pattern was found not to be there.
 *
 * @param expected the kinds of which a node should stand there, in the order of the pattern
 * @param observed what was looked at
 * @param matched how many nodes had been found of the kinds that the pattern expects
 */
public record Miss(Set<OpKind> expected, Observed observed, int matched) {
  private static final int SHOWN = 4;

  /** What was looked at. */
  public sealed interface Observed {
    /** A node that has no part in the pattern. */
    record Outside(Node node, Pattern pattern) implements Observed {}

    /** The node at which the pattern would be rooted. */
    record Root(Node node) implements Observed {}

    /**
     * An input of a node that was found.
     *
     * @param value that arrives there
     * @param found the node that computes the value; null if none of this scope does
     */
    record Input(Node consumer, int index, String value, @Nullable Node found)
        implements Observed {}

    /** The readers of what a node computes. */
    record Readers(Node producer, List<Node> found) implements Observed {
      /** Copies the list. */
      public Readers {
        found = List.copyOf(found);
      }
    }
  }

  /** What was found and what was expected, in one clause. */
  public String message() {
    // Java 17 has no exhaustive switch over a sealed type; a new kind ends in the error below.
    if (observed instanceof Observed.Outside outside) {
      return "%s has no part in %s".formatted(shown(outside.node()), outside.pattern());
    } else if (observed instanceof Observed.Root root) {
      return "found %s, expected %s".formatted(shown(root.node()), alternatives(expected));
    } else if (observed instanceof Observed.Input input) {
      return message(input);
    } else if (observed instanceof Observed.Readers readers) {
      return "the output of '%s' is read by %s, expected %s"
          .formatted(readers.producer().label(), shown(readers.found()), alternatives(expected));
    }
    throw new IllegalArgumentException("no message for " + observed);
  }

  private String message(Observed.Input input) {
    Node found = input.found();
    String where = "input %d of '%s'".formatted(input.index(), input.consumer().label());
    if (input.value().isEmpty()) {
      return "%s is absent, expected the output of %s".formatted(where, alternatives(expected));
    }
    if (found == null) {
      return "%s is '%s', which no node of this graph computes, expected the output of %s"
          .formatted(where, input.value(), alternatives(expected));
    }
    if (!expected.contains(found.op())) {
      return "%s is the output of %s, expected that of %s"
          .formatted(where, shown(found), alternatives(expected));
    }
    return found.output().equals(input.value())
        ? "%s is the output of %s, which has another part in the pattern"
            .formatted(where, shown(found))
        : "%s is a further output of %s, expected its first".formatted(where, shown(found));
  }

  private static String shown(Node node) {
    return node.name().isEmpty() ? node.label() : node.op() + " '" + node.name() + "'";
  }

  private static String shown(List<Node> nodes) {
    if (nodes.isEmpty()) {
      return "no node";
    }
    String first = nodes.stream().limit(SHOWN).map(Miss::shown).collect(Collectors.joining(", "));
    return nodes.size() > SHOWN ? first + ", …" : first;
  }

  /** The kinds as a person lists them, at most a few. */
  static String alternatives(Set<OpKind> kinds) {
    List<String> names = new ArrayList<>(kinds.stream().map(OpKind::toString).toList());
    if (names.size() > SHOWN) {
      return String.join(", ", names.subList(0, SHOWN)) + " or others";
    }
    String last = names.remove(names.size() - 1);
    return names.isEmpty() ? last : String.join(", ", names) + " or " + last;
  }
}
