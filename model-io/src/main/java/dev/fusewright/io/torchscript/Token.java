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

/**
 * A token of code.
 *
 * @param text as it stands there
 * @param start of its first character in the file
 * @param column of it in its line, or -1 if another token stands before it there
 * @param line counted from 1
 */
record Token(Kind kind, String text, int start, int column, int line) {
  /** What a token is. */
  enum Kind {
    NAME,
    NUMBER,
    TEXT,
    SIGN,
    /** What is no token of this language. */
    OTHER,
    END
  }

  int end() {
    return start + text.length();
  }

  boolean is(String sign) {
    return text.equals(sign) && (kind == Kind.SIGN || kind == Kind.NAME);
  }
}
