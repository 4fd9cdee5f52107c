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
package dev.fusewright.core.text;

/**
 * One token of a text.
 *
 * @param text of a string, without its quotes and escapes; of anything else, as written
 * @param line from 1
 * @param column of the first character, from 1
 */
record Token(Kind kind, String text, int line, int column) {
  /** Kind of token. */
  enum Kind {
    IDENTIFIER,
    STRING,
    INTEGER,
    REAL,
    SYMBOL,
    END
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  boolean isWord(String word) {
    return kind == Kind.IDENTIFIER && text.equals(word);
  }

  /** As an error message quotes it. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the text";
      case STRING -> "\"" + text + "\"";
      case IDENTIFIER, INTEGER, REAL, SYMBOL -> "'" + text + "'";
    };
  }

  TextSyntaxException error(String message) {
    return new TextSyntaxException(line, column, message);
  }
}
