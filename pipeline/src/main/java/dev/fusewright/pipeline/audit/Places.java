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

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Places of the page that its script knows: a model, and the list with a filter set. */
final class Places {
  private Places() {}

  /** A model, by its number in the order of the run's files. */
  static String model(long number) {
    return "#model-" + number;
  }

  /** The models of which a field of the filter has a value. */
  static String models(String field, String value) {
    return "#models?" + field + "=" + encoded(value);
  }

  /** The same without those that were rejected or failed. */
  static String published(String field, String value) {
    return models(field, value) + "&published=1";
  }

  /** A rule, in the page's own list. */
  static String rule(String id) {
    return "#rule-" + encoded(id);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
