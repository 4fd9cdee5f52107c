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

/** A text is no model; the message begins with {@code line:column}, both counted from 1. */
public final class TextSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String fault;
  private final int line;
  private final int column;

  TextSyntaxException(int line, int column, String message) {
    super(line + ":" + column + ": " + message);
    this.fault = message;
    this.line = line;
    this.column = column;
  }

  /** What is wrong there. */
  public String fault() {
    return fault;
  }

  /** The line of the offending word, from 1. */
  public int line() {
    return line;
  }

  /** The column of the offending word's first character, from 1. */
  public int column() {
    return column;
  }
}
