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

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Splits a text into tokens. */
final class Lexer {
  private static final int UNIT_DIGITS = 4;

  private final String text;
  private int at;
  private int line = 1;
  private int lineStart;

  private Lexer(String text) {
    this.text = text;
  }

  /** All words of {@code text}, and one that marks its end. */
  static List<Token> words(String text) {
    Lexer lexer = new Lexer(text);
    List<Token> tokens = new ArrayList<>();
    do {
      tokens.add(lexer.next());
    } while (tokens.get(tokens.size() - 1).kind() != Token.Kind.END);
    return tokens;
  }

  private Token next() {
    skipBlanks();
    int start = at;
    int column = at - lineStart + 1;
    if (at == text.length()) {
      return new Token(Token.Kind.END, "", line, column);
    }
    char first = text.charAt(at);
    if (first == '"') {
      int startLine = line;
      return new Token(Token.Kind.STRING, quoted(column), startLine, column);
    }
    Token.Kind kind;
    if (isLetter(first)) {
      skipWord();
      kind = Token.Kind.IDENTIFIER;
    } else if (isNumberStart(first)) {
      kind = number();
    } else {
      at += text.startsWith("=>", at) ? 2 : 1;
      kind = Token.Kind.SYMBOL;
    }
    return new Token(kind, text.substring(start, at), line, column);
  }

  private void skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(c)) {
        at++;
        if (c == '\n') {
          line++;
          lineStart = at;
        }
      } else {
        return;
      }
    }
  }

  private String quoted(int column) {
    int startLine = line;
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
        if (isUnit(at)) {
          value.append((char) HexFormat.fromHexDigits(text, at + 1, at + 1 + UNIT_DIGITS));
          at += UNIT_DIGITS;
          continue;
        }
        c = text.charAt(at);
      }
      if (c == '\n') {
        line++;
        lineStart = at + 1;
      }
      value.append(c);
    }
    throw new TextSyntaxException(startLine, column, "this string has no closing quote");
  }

  /** Whether a {@code u} stands there with the four digits of a character that is not printable. */
  private boolean isUnit(int place) {
    int digits = place + 1;
    return text.charAt(place) == 'u'
        && digits + UNIT_DIGITS <= text.length()
        && text.substring(digits, digits + UNIT_DIGITS).chars().allMatch(HexFormat::isHexDigit);
  }

  private boolean isNumberStart(char first) {
    if (isDigit(first)) {
      return true;
    }
    if ((first != '-' && first != '+') || at + 1 == text.length()) {
      return false;
    }
    char second = text.charAt(at + 1);
    return isDigit(second) || isLetter(second);
  }

  private Token.Kind number() {
    int start = at;
    if (!isDigit(text.charAt(at))) {
      at++;
    }
    if (isLetter(text.charAt(at))) {
      int word = at;
      skipWord();
      if (!isSpecialReal(text.substring(word, at))) {
        String shown = text.substring(start, at);
        throw new TextSyntaxException(line, start - lineStart + 1, "'" + shown + "' is no number");
      }
      return Token.Kind.REAL;
    }
    skipDigits();
    Token.Kind kind = Token.Kind.INTEGER;
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      skipDigits();
      kind = Token.Kind.REAL;
    }
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      skipDigits();
      kind = Token.Kind.REAL;
    }
    return kind;
  }

  private void skipDigits() {
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
  }

  private void skipWord() {
    while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
      at++;
    }
  }

  /** Whether a word means a number: infinity or not a number. */
  static boolean isSpecialReal(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return lower.equals("inf") || lower.equals("infinity") || lower.equals("nan");
  }

  /** Whether {@code name} can stand without quotes. */
  static boolean isIdentifier(String name) {
    return !name.isEmpty()
        && isLetter(name.charAt(0))
        && name.chars().allMatch(c -> isLetter((char) c) || isDigit((char) c));
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
