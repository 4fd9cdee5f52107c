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
import java.util.List;

/**
 * Reads the lists that {@code --modules} takes: JSON arrays of strings, or arrays of such arrays. A
 * comment runs from {@code #} to the end of its line; a comma may follow the last element.
 */
final class ListSyntax {
  /** What stands in a list. */
  sealed interface Item {
    /** A string. */
    record Text(String value) implements Item {}

    /** A list. */
    record Items(List<Item> values) implements Item {
      public Items {
        values = List.copyOf(values);
      }
    }
  }

  private static final int MAX_DEPTH = 3;

  private final String text;
  private int position;

  private ListSyntax(String text) {
    this.text = text;
  }

  static Item read(String text) {
    ListSyntax syntax = new ListSyntax(text);
    syntax.skipBlanks();
    Item item = syntax.item(0);
    syntax.skipBlanks();
    if (syntax.position < text.length()) {
      throw syntax.error("the end");
    }
    return item;
  }

  private Item item(int depth) {
    if (atCharacter('"')) {
      return new Item.Text(string());
    }
    if (!atCharacter('[') || depth == MAX_DEPTH) {
      throw error("a string in double quotes" + (depth < MAX_DEPTH ? ", or '['" : ""));
    }
    position++;
    List<Item> items = new ArrayList<>();
    skipBlanks();
    while (!atCharacter(']')) {
      items.add(item(depth + 1));
      skipBlanks();
      if (atCharacter(',')) {
        position++;
        skipBlanks();
      } else if (!atCharacter(']')) {
        throw error("',' or ']'");
      }
    }
    position++;
    return new Item.Items(items);
  }

  /** Names of modules need no escapes. */
  private String string() {
    int end = text.indexOf('"', position + 1);
    String value = end < 0 ? "" : text.substring(position + 1, end);
    if (end < 0 || value.indexOf('\n') >= 0 || value.indexOf('\\') >= 0) {
      throw error("a string that ends on its line and has no escapes");
    }
    position = end + 1;
    return value;
  }

  private boolean atCharacter(char character) {
    return position < text.length() && text.charAt(position) == character;
  }

  private void skipBlanks() {
    while (position < text.length()) {
      char character = text.charAt(position);
      if (character == '#') {
        int end = text.indexOf('\n', position);
        position = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(character)) {
        position++;
      } else {
        return;
      }
    }
  }

  private ModuleListException error(String expected) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < position; i++) {
      column = text.charAt(i) == '\n' ? 1 : column + 1;
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
    String found =
        position < text.length() ? "'" + text.charAt(position) + "'" : "the end of the text";
    return ModuleListException.of(
        Reason.MALFORMED_LIST,
        "module list, line %d, column %d: expected %s, found %s",
        line,
        column,
        expected,
        found);
  }
}
