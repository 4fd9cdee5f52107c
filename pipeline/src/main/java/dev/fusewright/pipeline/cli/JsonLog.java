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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Standard error as a log that programs read: each line is one JSON object with {@code time},
 * {@code level}, {@code logger} and {@code message}, whoever wrote it.
 */
final class JsonLog extends OutputStream {
  private static final Pattern LOGGED =
      Pattern.compile("(?s)(?:\\[[^\\]]*\\] )?(TRACE|DEBUG|INFO|WARN|ERROR) (\\S+) - (.*)");
  private static final String OWN = "fusewright";
  private static final JsonFactory JSON = new JsonFactory();

  private final PrintStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private JsonLog(PrintStream out) {
    this.out = out;
  }

  /** A stream whose lines are written to another as JSON. */
  static PrintStream over(PrintStream out) {
    return new PrintStream(new JsonLog(out), /* autoFlush= */ true, StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void write(int b) {
    if (b == '\n') {
      String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
      line.reset();
      if (!text.isEmpty()) {
        out.println(object(text, Instant.now()));
      }
    } else {
      line.write(b);
    }
  }

  private static String level(String text) {
    return OwnLines.NO_ERROR.matcher(text).find() ? "INFO" : "ERROR";
  }

  /** One line as an object. */
  static String object(String text, Instant time) {
    Matcher logged = LOGGED.matcher(text);
    boolean isLogged = logged.matches();
    String prefix = OWN + ": ";
    StringWriter object = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(object)) {
      json.writeStartObject();
      json.writeStringField("time", time.toString());
      json.writeStringField("level", isLogged ? logged.group(1) : level(text));
      json.writeStringField("logger", isLogged ? logged.group(2) : OWN);
      json.writeStringField(
          "message",
          isLogged
              ? logged.group(3)
              : text.startsWith(prefix) ? text.substring(prefix.length()) : text);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be written to", e);
    }
    return object.toString();
  }
}
