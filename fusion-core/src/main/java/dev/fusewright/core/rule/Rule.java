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

import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;

/**
 * One kind of fusion.
 *
 * @param <F> what {@code check} finds out and {@code rewrite} needs: the facts of a site
 */
public interface Rule<F> {
  /** What the rule is, for people. */
  RuleInfo info();

  /** The shape of a site. */
  Pattern pattern();

  /** Whether fusing this site is sound, and the facts that make it so. */
  Decision<F> check(Match match);

  /** What is put in the site's place. */
  Rewrite rewrite(Match match, F facts);
}
