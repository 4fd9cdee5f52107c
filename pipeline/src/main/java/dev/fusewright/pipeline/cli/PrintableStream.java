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
package dev.fusewright.pipeline.cli;

import dev.fusewright.core.text.Printable;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Standard error, where loggers write: a message is one line, and nothing in it is obeyed. */
final class PrintableStream extends PrintStream {
  PrintableStream(PrintStream out) {
    super(out, /* autoFlush= */ true, StandardCharsets.UTF_8);
  }

  @Override
  public void println(String text) {
    super.println(Printable.lines(text));
  }

  @Override
  public void println(Object object) {
    println(String.valueOf(object));
  }
}
