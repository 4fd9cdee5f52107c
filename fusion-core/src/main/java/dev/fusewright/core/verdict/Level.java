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
package dev.fusewright.core.verdict;

/** Level of checking. */
public enum Level {
  /** The algebra of each fusion, derived anew from the original's nodes; needs no inputs. */
  CERTIFICATE,
  /** Each fusion's sub-graph before and after, against float64. */
  SITE,
  /** The whole models, run side by side. */
  MODEL,
  /** Both models in normal form, node by node and weight by weight; needs no inputs. */
  STRUCTURE
}
