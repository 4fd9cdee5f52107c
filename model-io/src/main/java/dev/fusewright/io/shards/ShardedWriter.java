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
package dev.fusewright.io.shards;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.DataFileNames;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sharded checkpoint: shards first, then the index. What did not change is copied from
 * file to file.
 */
final class ShardedWriter {
  private final ShardedCheckpoint original;
  private final StateDict edited;
  private final Path target;
  private final DataFileNames names;

  private final List<Path> written = new ArrayList<>();
  private final List<RewrittenTensor> rewritten = new ArrayList<>();
  private final Set<ExtraEntry> dropped = new LinkedHashSet<>();

  /** What the shards of which something is left are called. */
  private final Map<String, String> newNames = new LinkedHashMap<>();

  private long copied;

  ShardedWriter(ShardedCheckpoint original, StateDict edited, Path target, DataFileNames names) {
    this.original = original;
    this.edited = edited;
    this.target = target;
    this.names = names;
  }

  WriteSummary write() throws IOException {
    Map<String, String> shardOf = ShardAssignment.of(original.index(), original.state(), edited);
    Map<String, StateDict> states = states(shardOf);
    boolean isChanged = states.size() < original.shards().size();
    for (Map.Entry<String, StateDict> state : states.entrySet()) {
      StateCheckpoint shard = shard(state.getKey());
      isChanged |= isChanged(shard, state.getValue());
      newNames.put(state.getKey(), name(state.getKey(), isChanged(shard, state.getValue())));
    }
    requireElsewhere();
    boolean complete = false;
    try {
      for (Map.Entry<String, StateDict> state : states.entrySet()) {
        write(shard(state.getKey()), state.getValue(), beside(newNames.get(state.getKey())));
      }
      written.add(target);
      if (isChanged) {
        writeIndex(shardOf);
      } else {
        copy(original.file(), target);
      }
      complete = true;
      return new WriteSummary(
          Files.size(target),
          copied,
          rewritten,
          written.subList(0, written.size() - 1),
          List.copyOf(dropped));
    } finally {
      if (!complete) {
        for (Path file : written) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** The state dict of each shard as it becomes, without those that have no tensor any more. */
  private Map<String, StateDict> states(Map<String, String> shardOf) {
    Map<String, Map<String, StateEntry>> entries = new LinkedHashMap<>();
    original.shards().keySet().forEach(name -> entries.put(name, new LinkedHashMap<>()));
    edited
        .entries()
        .forEach(
            (tensor, entry) ->
                entries
                    .computeIfAbsent(
                        shardOf.getOrDefault(tensor, ""), name -> new LinkedHashMap<>())
                    .put(tensor, entry));
    Map<String, StateDict> states = new LinkedHashMap<>();
    Set<String> homeless = new HashSet<>(edited.versions().keySet());
    homeless.removeAll(original.state().versions().keySet());
    boolean isVersioned = !original.state().versions().isEmpty();
    entries.forEach(
        (name, kept) -> {
          if (!kept.isEmpty()) {
            boolean isHome =
                !isVersioned || !ShardedCheckpoint.state(shard(name)).versions().isEmpty();
            states.put(name, new StateDict(kept, isHome ? versions(name, homeless) : Map.of()));
          }
        });
    return states;
  }

  /**
   * The versions that a shard has of modules.
   *
   * @param homeless versions that no shard had: the first takes them, so that its format keeps them
   *     or says that it cannot
   */
  private Map<String, Long> versions(String name, Set<String> homeless) {
    Map<String, Long> had = ShardedCheckpoint.state(shard(name)).versions();
    Map<String, Long> versions = new LinkedHashMap<>();
    if (!had.isEmpty() || !homeless.isEmpty()) {
      edited
          .versions()
          .forEach(
              (module, version) -> {
                if (had.containsKey(module) || homeless.contains(module)) {
                  versions.put(module, version);
                }
              });
      homeless.clear();
    }
    return versions;
  }

  private StateCheckpoint shard(String name) {
    StateCheckpoint shard = original.shards().get(name);
    if (shard == null) {
      throw new IllegalArgumentException("no shard " + name);
    }
    return shard;
  }

  private static boolean isChanged(StateCheckpoint shard, StateDict state) {
    StateDict before = ShardedCheckpoint.state(shard);
    return before.entries().size() != state.entries().size()
        || !before.versions().equals(state.versions())
        || state.entries().entrySet().stream()
            .anyMatch(entry -> before.entries().get(entry.getKey()) != entry.getValue());
  }

  private String name(String shard, boolean isChanged) {
    return switch (names) {
      case KEPT -> shard;
      case NEW -> isChanged ? newName(shard) : shard;
    };
  }

  /** Called like the index, and like no other shard of either checkpoint. */
  private String newName(String shard) {
    int number = 1;
    String name;
    do {
      name = "%s.%d%s".formatted(target.getFileName(), number, shard.substring(dot(shard)));
      number++;
    } while (original.shards().containsKey(name) || newNames.containsValue(name));
    return name;
  }

  private static int dot(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name.length() : dot;
  }

  private Path beside(@Nullable String name) {
    return target.resolveSibling(String.valueOf(name));
  }

  private void requireElsewhere() throws IOException {
    requireElsewhere(original.path(), target);
    for (Map.Entry<String, String> name : newNames.entrySet()) {
      Path beside = beside(name.getValue());
      if (beside.equals(target)) {
        throw new IllegalArgumentException(target + " is also the name of a shard");
      }
      for (StateCheckpoint shard : original.shards().values()) {
        requireElsewhere(shard.path(), beside);
      }
    }
  }

  private static void requireElsewhere(Path source, Path target) throws IOException {
    if (Files.exists(target) && Files.isSameFile(source, target)) {
      throw new IllegalArgumentException("a checkpoint is not written over itself: " + target);
    }
  }

  private void write(StateCheckpoint shard, StateDict state, Path file) throws IOException {
    written.add(file);
    if (isChanged(shard, state)) {
      WriteSummary summary = shard.write(Map.of(StatePath.ROOT, state), file);
      rewritten.addAll(summary.rewritten());
      dropped.addAll(summary.dropped());
      copied += summary.copied();
    } else {
      try (OpenFile source = OpenFile.open(shard.path())) {
        copy(source, file);
      }
    }
  }

  private void copy(OpenFile source, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      source.whole().transferTo(channel);
    }
    copied += source.size();
  }

  private void writeIndex(Map<String, String> shardOf) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>(original.index().metadata());
    @Nullable String parameters = metadata.remove(ShardedFormat.TOTAL_PARAMETERS);
    if (parameters != null) {
      dropped.add(
          new ExtraEntry(
              StatePath.ROOT.key(ShardedFormat.METADATA).key(ShardedFormat.TOTAL_PARAMETERS),
              parameters,
              ExtraEntry.Disposition.DROPPED));
    }
    metadata.computeIfPresent(ShardedFormat.TOTAL_SIZE, (key, declared) -> totalSize(declared));
    Map<String, String> map = new LinkedHashMap<>();
    edited
        .entries()
        .keySet()
        .forEach(
            tensor -> map.put(tensor, newNames.getOrDefault(shardOf.getOrDefault(tensor, ""), "")));
    ShardIndex index = new ShardIndex(metadata, original.index().others(), map);
    Files.write(target, IndexText.of(index).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Bytes of all tensors. Those of what is only carried nobody can count: then what the index says
   * changes by what changed.
   *
   * @return null if that is no number of bytes
   */
  private @Nullable String totalSize(String declared) {
    OptionalLong counted = ShardedCheckpoint.bytes(edited);
    try {
      return Long.toString(
          counted.isPresent()
              ? counted.getAsLong()
              : Math.addExact(
                  Long.parseLong(declared), parameters(edited) - parameters(original.state())));
    } catch (ArithmeticException | NumberFormatException e) {
      return null;
    }
  }

  private static long parameters(StateDict state) {
    return state.tensors().values().stream().mapToLong(Tensor::byteCount).sum();
  }
}
