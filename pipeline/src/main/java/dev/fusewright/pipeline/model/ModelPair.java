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

import dev.fusewright.io.format.StateFormat;
import dev.fusewright.pipeline.verification.Verifier;

/** Two models, each of any format, to be held against each other. */
record ModelPair(ComparedModel first, ComparedModel second, JobContext context) {
  /** Judges the second by the first, and reports what both are. */
  Verifier.Finding compare() throws Exception {
    boolean isState = first.format() instanceof StateFormat;
    if (isState != second.format() instanceof StateFormat) {
      return new MixedPair(first, second, context).compare();
    }
    return isState
        ? new StatePair(first.file(), second.file(), context).compare()
        : new GraphPair(first.file(), second.file(), context).compare();
  }
}
