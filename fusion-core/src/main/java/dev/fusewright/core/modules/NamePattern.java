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
package dev.fusewright.core.modules;

import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A dotted name with wildcards: {@code *} stands for text without a dot, {@code {n}} for the same
 * under a name, and a leading {@code **.} for any number of segments.
 *
 * @param role what a suffix says: {@code ?}, {@code &} or {@code !}
 * @param type that is declared behind a colon, as in {@code up:ConvTranspose2d}; null if none is
 * @param pieces literals and wildcards in order
 */
record NamePattern(String text, Role role, @Nullable String type, List<Piece> pieces) {
  /** What a name does in its group. */
  enum Role {
    /** It is fused. */
    MEMBER,
    /** It is fused where it is there and can be. */
    OPTIONAL,
    /** The group is there only where it is, and it is not fused. */
    PRESENT,
    /** The group is there only where it is not. */
    ABSENT;

    static Role ofSuffix(String name) {
      return name.endsWith("?")
          ? OPTIONAL
          : name.endsWith("&") ? PRESENT : name.endsWith("!") ? ABSENT : MEMBER;
    }
  }

  /** A part of a pattern. */
  sealed interface Piece {
    record Literal(String text) implements Piece {}

    /** A wildcard; the name of an unnamed one is its position, {@code 0}, {@code 1}, …. */
    record Wildcard(String name, String regex) implements Piece {}
  }

  /** Each is compared with every name of a model, at every depth. */
  static final int LONGEST = 1024;

  /** In one segment. Each more is another factor of a segment's length in the time of a match. */
  private static final int MOST_WILDCARDS = 3;

  private static final Pattern TOKEN =
      Pattern.compile("(?<any>^\\*\\*\\.)|(?<star>\\*)|\\{(?<name>[A-Za-z]+)\\}|(?<text>[^*{}]+)");
  private static final Pattern TYPED = Pattern.compile("(?<name>.+):(?<type>[A-Z][A-Za-z0-9]*)");
  private static final String ONE_SEGMENT = "[^.]+";
  private static final String ANY_SEGMENTS = "(?:[^.]+\\.)*";

  NamePattern {
    pieces = List.copyOf(pieces);
  }

  static NamePattern of(String text) {
    if (text.length() > LONGEST) {
      throw ModuleListException.of(
          Reason.MALFORMED_LIST,
          "'%s…' has %d characters; a name in a list has at most %d",
          text.substring(0, 80),
          text.length(),
          LONGEST);
    }
    Matcher typed = TYPED.matcher(text);
    String type = typed.matches() ? typed.group("type") : null;
    String untyped = typed.matches() ? typed.group("name") : text;
    Role role = Role.ofSuffix(untyped);
    String name = role == Role.MEMBER ? untyped : untyped.substring(0, untyped.length() - 1);
    List<Piece> pieces = new ArrayList<>();
    Matcher token = TOKEN.matcher(name);
    int end = 0;
    int unnamed = 0;
    while (end < name.length() && token.find(end) && token.start() == end) {
      if (token.group("text") != null) {
        pieces.add(new Piece.Literal(token.group("text")));
      } else if (token.group("name") != null) {
        pieces.add(new Piece.Wildcard(token.group("name"), ONE_SEGMENT));
      } else {
        String regex = token.group("any") != null ? ANY_SEGMENTS : ONE_SEGMENT;
        pieces.add(new Piece.Wildcard(String.valueOf(unnamed++), regex));
      }
      end = token.end();
    }
    if (name.isEmpty() || end < name.length()) {
      throw ModuleListException.of(
          Reason.MALFORMED_LIST, "'%s' is no name of a module, and no pattern of names", text);
    }
    for (String segment : name.split("\\.", -1)) {
      if (!segment.equals("**") && wildcards(segment) > MOST_WILDCARDS) {
        throw ModuleListException.of(
            Reason.MALFORMED_LIST,
            "'%s' has %d wildcards in one segment; at most %d are matched",
            text,
            wildcards(segment),
            MOST_WILDCARDS);
      }
    }
    return new NamePattern(untyped, role, type, pieces);
  }

  private static long wildcards(String segment) {
    return segment.chars().filter(c -> c == '*' || c == '{').count();
  }

  boolean isOptional() {
    return role == Role.OPTIONAL;
  }

  /** Whether the group may be there, as far as this name says it. */
  boolean allows(String name, Set<String> known, ModuleDirectory model) {
    return switch (role) {
      case MEMBER -> known.contains(name);
      case OPTIONAL -> true;
      case PRESENT -> known.contains(name) && !model.isBare(name);
      case ABSENT -> !known.contains(name) || model.isBare(name);
    };
  }

  boolean isLiteral() {
    return pieces.stream().allMatch(Piece.Literal.class::isInstance);
  }

  /** Whether it stands for names at any depth, whatever is before them. */
  boolean isAnywhere() {
    return pieces.get(0) instanceof Piece.Wildcard first && first.regex().equals(ANY_SEGMENTS);
  }

  /** The form of its names. */
  Pattern form() {
    return Pattern.compile(regex(new LinkedHashMap<>()));
  }

  /** What the wildcards stand for in {@code name}, if it has this form. */
  Optional<Map<String, String>> match(String name) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    Map<String, Integer> groups = new LinkedHashMap<>();
    Matcher matcher = Pattern.compile(regex(groups)).matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> bound = new LinkedHashMap<>();
    groups.forEach((wildcard, group) -> bound.put(wildcard, matcher.group(group)));
    return Optional.of(bound);
  }

  /** With a capturing group per wildcard. */
  private String regex(Map<String, Integer> groups) {
    StringBuilder regex = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Literal literal) {
        regex.append(Pattern.quote(literal.text()));
      } else if (piece instanceof Piece.Wildcard wildcard) {
        Integer earlier = groups.get(wildcard.name());
        if (earlier == null) {
          groups.put(wildcard.name(), groups.size() + 1);
          regex.append('(').append(wildcard.regex()).append(')');
        } else {
          regex.append('\\').append(earlier);
        }
      }
    }
    return regex.toString();
  }

  /**
   * The name in which the wildcards stand for what {@link #match} of another pattern bound them to.
   */
  String with(Map<String, String> bound, NamePattern first) {
    StringBuilder name = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Literal literal) {
        name.append(literal.text());
      } else if (piece instanceof Piece.Wildcard wildcard) {
        String value = bound.get(wildcard.name());
        if (value == null) {
          throw ModuleListException.of(
              Reason.MALFORMED_LIST,
              "'%s' has a wildcard that '%s', the first of its group, has not",
              text,
              first.text());
        }
        name.append(value);
      }
    }
    return name.toString();
  }
}
