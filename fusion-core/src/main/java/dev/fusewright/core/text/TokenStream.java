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

import java.util.List;

/** The tokens of a text with a position, and the errors of expecting another token there. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(String text) {
    tokens = Lexer.words(text);
  }

  Token peek() {
    return tokens.get(at);
  }

  /** The word after the next one. */
  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = tokens.get(at);
    if (token.kind() != Token.Kind.END) {
      at++;
    }
    return token;
  }

  /** Takes the next word if it is this symbol. */
  boolean takeIf(String symbol) {
    if (peek().isSymbol(symbol)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String symbol, String where) {
    if (!takeIf(symbol)) {
      throw unexpected("'" + symbol + "' " + where);
    }
  }

  Token expect(Token.Kind kind, String what) {
    if (peek().kind() != kind) {
      throw unexpected(what);
    }
    return take();
  }

  /** A name, with or without quotes. */
  String name(String what) {
    Token token = peek();
    if (token.kind() != Token.Kind.IDENTIFIER && token.kind() != Token.Kind.STRING) {
      throw unexpected(what);
    }
    return take().text();
  }

  long integer(String what) {
    Token token = expect(Token.Kind.INTEGER, what);
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw token.error(token.shown() + " does not fit into 64 bits");
    }
  }

  /** Whether the next word is a number. */
  boolean atNumber() {
    Token token = peek();
    return token.kind() == Token.Kind.INTEGER
        || token.kind() == Token.Kind.REAL
        || (token.kind() == Token.Kind.IDENTIFIER && Lexer.isSpecialReal(token.text()));
  }

  double real(String what) {
    if (!atNumber()) {
      throw unexpected(what);
    }
    return number(take());
  }

  /** The value of a word that is a number. */
  static double number(Token token) {
    String text = token.text();
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    if (!Lexer.isSpecialReal(digits)) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw token.error(token.shown() + " is no number");
      }
    }
    double value =
        digits.toLowerCase(java.util.Locale.ROOT).startsWith("n")
            ? Double.NaN
            : Double.POSITIVE_INFINITY;
    return negative ? -value : value;
  }

  TextSyntaxException unexpected(String wanted) {
    return peek().error("expected " + wanted + ", found " + peek().shown());
  }
}
