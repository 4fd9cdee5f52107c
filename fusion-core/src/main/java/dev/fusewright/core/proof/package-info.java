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
/**
 * Proofs of single fusions, from the graph before and the graph after alone.
 *
 * <p>A {@link dev.fusewright.core.proof.Site} is the part of both graphs in which fusions changed something, between the
 * same values. {@link dev.fusewright.core.proof.Certificate} derives what each side computes per channel by asking the
 * reference evaluator what its nodes do, and compares all weights; it needs no inputs. {@link
 * dev.fusewright.core.proof.SiteCheck} runs both sides on sampled inputs.
 *
 * <p>Must never appear here: rules, patterns, folds, the engine. A rule
 * that has an axis wrong must not find the same mistake here.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.proof;

import org.jspecify.annotations.NullMarked;
