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
package dev.fusewright.io.torchscript;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.aten.AtenArchive;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Program;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An archive, and what its code runs. */
final class TracedArchive implements AtenArchive {
  private final ScriptArchive archive;
  private final Traced traced;
  private final Map<String, Integer> holders = new HashMap<>();

  TracedArchive(ScriptArchive archive) {
    this.archive = archive;
    this.traced = Interpreter.follow(archive);
    traced.places().values().forEach(place -> holders.merge(storage(place), 1, Integer::sum));
  }

  private static String storage(Traced.Stored place) {
    return place.tensor().folder() + place.tensor().key();
  }

  ScriptArchive archive() {
    return archive;
  }

  Traced traced() {
    return traced;
  }

  Traced.Stored place(String parameter) {
    return Objects.requireNonNull(traced.places().get(parameter));
  }

  @Override
  public String label() {
    return archive.file().label();
  }

  @Override
  public Program program() {
    return traced.program();
  }

  @Override
  public @Nullable Tensor tensor(Parameter parameter) {
    return archive.tensor(parameter.fqn(), place(parameter.fqn()).tensor());
  }

  @Override
  public boolean isDescribed(Parameter parameter) {
    return true; // The code says nothing else of it.
  }

  @Override
  public boolean isShared(Parameter parameter) {
    return holders.getOrDefault(storage(place(parameter.fqn())), 0) > 1;
  }

  @Override
  public boolean isWeight(String fqn) {
    return traced.places().containsKey(fqn);
  }

  /** What is written gets a storage of its own. */
  @Override
  public boolean fillsItsPlace(Parameter parameter) {
    return true;
  }
}
