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
package dev.fusewright.pipeline.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Delta debugging (Zeller and Hildebrandt's <em>ddmin</em>): makes a list that is known to be
 * enough smaller, until none of what is left can be spared, or a budget of attempts is used up. A
 * single element that is needed is found among <em>n</em> in 2·log<sub>2</sub> <em>n</em> attempts.
 *
 * @param <T> what the list holds
 */
final class DeltaDebugging<T> {
  /** Says whether some of the elements, in their order, are enough. */
  @FunctionalInterface
  interface Trial<T> {
    boolean isEnough(List<T> some) throws Exception;
  }

  private final Trial<T> trial;
  private int attemptsLeft;

  private DeltaDebugging(Trial<T> trial, int attempts) {
    this.trial = trial;
    this.attemptsLeft = attempts;
  }

  /**
   * The least that was found to be enough: {@code all}, or what an attempt has confirmed. Of equal
   * parts the last is tried first.
   *
   * @param all known to be enough
   * @param attempts that may be made
   */
  static <T> List<T> least(List<T> all, int attempts, Trial<T> trial) throws Exception {
    return new DeltaDebugging<>(trial, attempts).least(all);
  }

  private List<T> least(List<T> all) throws Exception {
    List<T> enough = all;
    int parts = 2;
    while (enough.size() > 1 && attemptsLeft > 0) {
      List<T> smaller = part(enough, parts);
      if (smaller != null) {
        parts = 2;
      } else if (parts > 2) { // Of two parts, each is the other's complement.
        smaller = complement(enough, parts);
        parts = smaller == null ? parts : parts - 1;
      }
      if (smaller != null) {
        enough = smaller;
      } else if (parts < enough.size()) {
        parts = Math.min(enough.size(), 2 * parts);
      } else {
        return enough;
      }
    }
    return enough;
  }

  private @Nullable List<T> part(List<T> of, int parts) throws Exception {
    for (int i = parts - 1; i >= 0; i--) {
      List<T> some = of.subList(start(of, i, parts), start(of, i + 1, parts));
      if (isEnough(some)) {
        return some;
      }
    }
    return null;
  }

  private @Nullable List<T> complement(List<T> of, int parts) throws Exception {
    for (int i = 0; i < parts; i++) {
      List<T> some = new ArrayList<>(of.subList(0, start(of, i, parts)));
      some.addAll(of.subList(start(of, i + 1, parts), of.size()));
      if (isEnough(some)) {
        return some;
      }
    }
    return null;
  }

  private static int start(List<?> of, int part, int parts) {
    return of.size() * part / parts;
  }

  private boolean isEnough(List<T> some) throws Exception {
    return attemptsLeft-- > 0 && trial.isEnough(some);
  }
}
