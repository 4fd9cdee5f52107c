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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.List;

/** Splits code into tokens. */
final class Tokens {
  private static final String SIGNS = "()[]{},:=.-";

  private Tokens() {}

  static List<Token> of(String text) {
    List<Token> tokens = new ArrayList<>();
    int line = 1;
    int lineStart = 0;
    boolean isFirst = true;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
        at++;
        lineStart = at;
        isFirst = true;
      } else if (c == ' ') {
        at++;
      } else if (c == '#') {
        at = lineEnd(text, at);
      } else {
        int end = end(text, at);
        Token.Kind kind = kind(text, at, end);
        tokens.add(
            new Token(kind, text.substring(at, end), at, isFirst ? at - lineStart : -1, line));
        isFirst = false;
        at = end;
      }
    }
    tokens.add(new Token(Token.Kind.END, "", text.length(), 0, line));
    return tokens;
  }

  private static int lineEnd(String text, int at) {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private static Token.Kind kind(String text, int at, int end) {
    char c = text.charAt(at);
    if (isNameStart(c)) {
      return Token.Kind.NAME;
    } else if (isDigit(c)) {
      return Token.Kind.NUMBER;
    } else if (c == '"' || c == '\'') {
      boolean isClosed = end - at >= 2 && text.charAt(end - 1) == c;
      return isClosed ? Token.Kind.TEXT : Token.Kind.OTHER;
    }
    return SIGNS.indexOf(c) >= 0 || text.startsWith("->", at) ? Token.Kind.SIGN : Token.Kind.OTHER;
  }

  private static int end(String text, int at) {
    char c = text.charAt(at);
    int end = at + 1;
    if (isNameStart(c)) {
      while (end < text.length() && (isNameStart(text.charAt(end)) || isDigit(text.charAt(end)))) {
        end++;
      }
    } else if (isDigit(c)) {
      while (end < text.length() && isNumberPart(text, end)) {
        end++;
      }
    } else if (c == '"' || c == '\'') {
      while (end < text.length() && text.charAt(end) != c && text.charAt(end) != '\n') {
        end += text.charAt(end) == '\\' ? 2 : 1;
      }
      end = Math.min(end + 1, text.length());
    } else if (text.startsWith("->", at)) {
      end++;
    }
    return end;
  }

  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNumberPart(String text, int at) {
    char c = text.charAt(at);
    boolean isExponentSign =
        (c == '-' || c == '+') && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E');
    return isDigit(c) || c == '.' || c == 'e' || c == 'E' || isExponentSign;
  }
}
