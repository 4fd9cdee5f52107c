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
 * Proof that two models are the same for every input, from their structure alone: each is brought
 * into a normal form by rules, every rewrite is proven, and the two normal forms are compared.
 *
 * <p>Whoever made the second model need not have used these rules, nor their arithmetic: parameters
 * that were folded another way are proven against the original's nodes by certificate.
 *
 * <p>Must never appear here: an operator's algebra, which is the rules', nor a comparison of nodes
 * or weights, which is the proof's; running of models; files.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.core.verify.structure;

import org.jspecify.annotations.NullMarked;
