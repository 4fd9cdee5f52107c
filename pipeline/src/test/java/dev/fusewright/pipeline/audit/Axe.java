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
package dev.fusewright.pipeline.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** axe-core: what in a page keeps out people who see, hear or move otherwise. */
final class Axe {
  private static final String RUN =
      """
      axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
        .filter(v => v.impact === 'serious' || v.impact === 'critical')
        .map(v => v.impact + ' ' + v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' ')))
      """;

  private final String script;

  private Axe(String script) {
    this.script = script;
  }

  static Axe load() throws IOException {
    try (InputStream resource = Axe.class.getResourceAsStream("/axe.min.js")) {
      byte[] bytes = Objects.requireNonNull(resource, "axe.min.js").readAllBytes();
      return new Axe(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  /** The serious and the critical violations in the page that is open. */
  List<String> violations(Chromium chromium) {
    chromium.evaluate(script + ";0");
    List<String> violations = new ArrayList<>();
    for (JsonNode violation : chromium.evaluate(RUN)) {
      violations.add(violation.asText());
    }
    return violations;
  }
}
