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
package dev.fusewright.core.rule;

import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.plan.Reason;
import java.util.function.Function;

/**
 * The outcome of a check.
 *
 * @param <F> the facts of a sound site
 */
public sealed interface Decision<F> {
  /** The site can be fused. */
  record Sound<F>(F facts) implements Decision<F> {}

  /** The site looks like one of the rule's and must not be fused. */
  record Refused<F>(Reason reason, String message) implements Decision<F> {}

  /**
   * The site is none of the rule's, on a closer look; nothing is reported.
   *
   * @param why what the rule looks for and the site is not, for those who ask
   */
  record Elsewhere<F>(String why) implements Decision<F> {}

  /** The site can be fused. */
  static <F> Decision<F> sound(F facts) {
    return new Sound<>(facts);
  }

  /**
   * The site must not be fused; the message names the culprit, what was found and what would be
   * needed.
   */
  static <F> Decision<F> refuse(Reason reason, String message, Object... arguments) {
    return new Refused<>(reason, arguments.length == 0 ? message : message.formatted(arguments));
  }

  /** The site must not be fused, since an operand is not constant. */
  static <F> Decision<F> refuse(String operand, Operand.Variable why) {
    return new Refused<>(why.reason(), "the " + operand + " is not constant: " + why.message());
  }

  /** The site is none of the rule's, on a closer look: {@code why} is a clause. */
  static <F> Decision<F> elsewhere(String why, Object... arguments) {
    return new Elsewhere<>(arguments.length == 0 ? why : why.formatted(arguments));
  }

  /** Goes on with the facts of a sound site; otherwise stays what it is. */
  default <G> Decision<G> then(Function<F, Decision<G>> next) {
    if (this instanceof Sound<F> sound) {
      return next.apply(sound.facts());
    }
    if (this instanceof Refused<F> refused) {
      return new Refused<>(refused.reason(), refused.message());
    }
    return new Elsewhere<>(((Elsewhere<F>) this).why());
  }
}
