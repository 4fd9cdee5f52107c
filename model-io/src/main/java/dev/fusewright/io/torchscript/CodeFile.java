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
 * A file of code.
 *
 * @param record its name in the archive
 * @param module what its definitions are named after, such as {@code __torch__.nets}
 */
record CodeFile(String record, String module, String text, CodeParser.Parsed parsed) {
  /** A class, and where it stands. */
  record PlacedClass(CodeFile file, ClassText text) {
    String qualified() {
      return file.module() + "." + text.name();
    }
  }

  /** A function, and where it stands. */
  record PlacedFunction(CodeFile file, Definition definition) {}

  String slice(int start, int end) {
    return text.substring(start, end);
  }
}
