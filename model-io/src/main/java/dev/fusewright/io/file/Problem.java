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
package dev.fusewright.io.file;

import dev.fusewright.core.text.Printable;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A defect of a file, and its place. Built fluently: {@code Problem.in(file).at(812).expected("a
 * length").found("the end of the file")}.
 *
 * @param resource the file, as the user named it
 * @param offset of the byte at fault, counted from the file's start; negative if no byte is
 * @param part the node, initializer, key or entry at fault; may be empty
 * @param expected may be empty
 * @param found may be empty
 * @param hint what a person can do; may be empty
 */
public record Problem(
    String resource, long offset, String part, String expected, String found, String hint)
    implements Serializable {

  /** A problem with a file. */
  public static Problem in(Path file) {
    return in(file.toString());
  }

  /** A problem with a resource. */
  public static Problem in(String resource) {
    return new Problem(resource, -1, "", "", "", "");
  }

  /** This problem, at a byte of the file. */
  public Problem at(long byteOffset) {
    return new Problem(resource, byteOffset, part, expected, found, hint);
  }

  /** This problem, in a named part of the file, such as {@code initializer 'conv1.weight'}. */
  public Problem inside(String namedPart) {
    return new Problem(resource, offset, namedPart, expected, found, hint);
  }

  /** This problem, with what should have stood there. */
  public Problem expected(String what) {
    return new Problem(resource, offset, part, what, found, hint);
  }

  /** This problem, with what stood there. */
  public Problem found(String what) {
    return new Problem(resource, offset, part, expected, what, hint);
  }

  /** This problem, with a next step. */
  public Problem hint(String nextStep) {
    return new Problem(resource, offset, part, expected, found, nextStep);
  }

  /** The offset of the byte at fault, if there is one. */
  public OptionalLong byteOffset() {
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /**
   * One line: {@code model.onnx, byte 812, initializer 'w': expected 36 bytes, found 20. Export it
   * again.}
   */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(resource);
    if (offset >= 0) {
      line.append(", byte ").append(offset);
    }
    if (!part.isEmpty()) {
      line.append(", ").append(part);
    }
    line.append(": ");
    if (!expected.isEmpty()) {
      line.append("expected ").append(expected).append(found.isEmpty() ? "" : ", ");
    }
    if (!found.isEmpty()) {
      line.append("found ").append(found);
    }
    if (!hint.isEmpty()) {
      line.append(". ").append(hint);
    }
    return Printable.line(line.toString());
  }
}
